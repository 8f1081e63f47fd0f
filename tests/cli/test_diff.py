import json
import subprocess
import sys

import pytest

CONFIGURATION = {"framework": "pytorch", "task": "image-object-detection", "model": {"type": "tinynas-damoyolo"}}


@pytest.fixture
def revisions(project):
    """v1 and v2 differ in one threshold of `configuration.json` and in nothing else."""
    for tag, threshold in (("v1", 0.5), ("v2", 0.4)):
        folder = project / "hub/acme/phones" / tag
        for path in folder.iterdir():
            path.unlink()
        data = {**CONFIGURATION, "postprocessing": {"conf_threshold": threshold}}
        (folder / "configuration.json").write_text(json.dumps(data))
    return project


@pytest.mark.usefixtures("revisions")
def test_whatever_differs_the_comparison_ends_well(damover):
    code, out, err = damover("diff", "v1", "v2")
    assert (code, err) == (0, "")
    assert "0.5" in out
    assert "0.4" in out
    assert damover("diff", "v1", "v1")[0] == 0


@pytest.mark.usefixtures("revisions")
def test_names_may_be_aliases_and_selectors(damover):
    assert damover("diff", "current", ">=2,<3", "--json")[0] == 0
    data = json.loads(damover("diff", "current", ">=2,<3", "--json")[1])
    assert (data["baseline"]["tag"], data["candidate"]["tag"]) == ("v1", "v2")
    assert data["candidate"]["requested"] == ">=2,<3"
    assert len(data["baseline"]["digest"]) == 64
    assert [change[2:] for change in data["changes"]] == [["0.5", "0.4"]]


@pytest.mark.usefixtures("revisions")
def test_it_speaks_chinese_and_nothing_else(damover):
    assert damover("diff", "v1", "v2", "--lang", "zh")[1] != damover("diff", "v1", "v2")[1]
    code, out, err = damover("diff", "v1", "v2", "--lang", "fr")
    assert (code, out) == (4, "")
    assert "en, zh" in err


@pytest.mark.usefixtures("project")
def test_what_is_not_there_is_refused(damover):
    code, _, err = damover("diff", "v1", "v9")
    assert code == 4
    assert "v1, v2, v10" in err


def test_neither_revision_is_run_and_torch_is_not_loaded(revisions):
    marker = revisions / "ran"
    (revisions / "hub/acme/phones/v2/damoyolo.py").write_text(f"open({str(marker)!r}, 'w')\n")
    code = """
import sys
from pytest_damover.cli import main
assert main(["diff", "v1", "v2"]) == 0
print("LOADED", [name for name in ("torch", "modelscope", "pytest", "jinja2") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=revisions, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED []"
    assert not marker.exists()
