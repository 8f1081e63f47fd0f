import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from pytest_damover import convert, runners
from pytest_damover.cli.convert import spread_images
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.settings import read_settings


class Runner:
    closed = False

    def close(self):
        self.closed = True


@pytest.fixture
def converting(project, monkeypatch):
    """What `convert` and `open_runner` are called with, in a project of one case; v1 runs code, v2 does not."""
    called = SimpleNamespace(runner=Runner(), opened=None, arguments=None, refuses=False)

    def make(*arguments):
        called.arguments = arguments
        if called.refuses:
            raise DamoverError(Fault(Code.DETECTIONS, "proof", "the twin differs"))
        arguments[2].mkdir(parents=True)
        return SimpleNamespace(images=3, detections=1200)

    def open_runner(*arguments):
        called.opened = arguments
        return called.runner

    monkeypatch.setattr(convert, "convert", make)
    monkeypatch.setattr(runners, "open_runner", open_runner)
    suite(project, "toy", 1)
    return called


def suite(project, name, count):
    for folder in ("cases", "images"):
        (project / f"suites/{name}/{folder}").mkdir(parents=True)
    for number in range(count):
        image = f"images/{number:03}.png"
        Image.new("RGB", (8, 8), (number, 0, 0)).save(project / f"suites/{name}" / image)
        case = {"name": f"{number:03}", "image_path": image, "expected": {"min_objects": 1}}
        (project / f"suites/{name}/cases/{number:03}.json").write_text(json.dumps(case))


def test_the_twin_lies_in_the_local_hub_and_the_next_step_judges_it(damover, converting, project):
    code, out, err = damover("convert", "fast")
    assert (code, err) == (0, "")
    revision, folder, target, images, runner = converting.arguments
    assert (revision.tag, folder) == ("v2", project / "hub/acme/phones/v2")
    assert target == project / "hub/acme/phones/v2-codefree"
    assert [image.key for image in images] == ["images/000.png"]
    assert runner is converting.runner
    assert runner.closed
    assert converting.opened == ("process", "modelscope", "cpu")
    assert out.splitlines() == [
        "v2 and its twin find the same, to the last bit: 1,200 detections in 3 images",
        str(target),
        "next: pytest --revisions v2,v2-codefree --damover-hub local",
    ]


def test_it_may_be_written_elsewhere(damover, converting, tmp_path):
    _, out, _ = damover("convert", "v2", "--out", tmp_path / "twin")
    assert converting.arguments[2] == tmp_path / "twin"
    assert "next: put it into a hub, then: pytest --revisions v2,twin" in out


def test_what_is_there_is_not_written_over(damover, converting, project):
    (project / "hub/acme/phones/v2-codefree").mkdir()
    code, _, err = damover("convert", "v2")
    assert (code, converting.arguments) == (4, None)
    assert "is there already" in err


def test_t10_the_original_runs_only_with_consent(damover, converting):
    code, _, err = damover("convert", "v1")
    assert (code, converting.arguments) == (4, None)
    assert "damoyolo.py: a Python file" in err
    assert "damover lock --consent v1" in err
    damover("lock", "--consent", "v1", "--by", "Ann")
    assert damover("convert", "v1")[0] == 0


def test_in_a_locked_project_the_twin_is_locked_first(damover, converting):
    damover("lock", "v2")
    out = damover("convert", "v2")[1]
    assert "next: damover lock v2-codefree --hub local && pytest --revisions v2,v2-codefree --damover-hub local" in out
    assert converting.runner.closed


def test_a_twin_that_differs_is_refused_and_the_child_ends(damover, converting):
    converting.refuses = True
    code, _, err = damover("convert", "v2")
    assert code == 4
    assert "the twin differs" in err
    assert converting.runner.closed


def test_without_an_image_there_is_no_proof(project):
    with pytest.raises(DamoverError, match="damover new-case"):
        spread_images(read_settings(project))


def test_every_suite_has_its_share_of_the_images(project):
    suite(project, "a", 100)
    suite(project, "b", 3)
    (project / "suites/empty").mkdir()
    found = spread_images(read_settings(project), most=20)
    assert len(found) == 13
    assert [image.key for image in found[:3]] == ["images/000.png", "images/010.png", "images/020.png"]
    assert len({(image.path) for image in found}) == 13


@pytest.mark.slow
@pytest.mark.modelscope
@pytest.mark.skipif(sys.platform != "linux", reason="child processes are confined on Linux only")
def test_the_demo_has_a_twin_and_this_process_never_loads_torch(tmp_path):
    if find_spec("modelscope") is None:
        pytest.skip("needs the modelscope extra")
    root = Path(__file__).parents[2]
    shutil.copytree(root / "hub/demo/damoyolo_phone/v1.1.0", tmp_path / "hub/demo/damoyolo_phone/v1.1.0")
    for name in ("revisions.lock", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    for path in ("cases/single_phone.json", "test_images/single_phone.jpg"):
        target = tmp_path / "suites/phone" / path
        target.parent.mkdir(parents=True)
        shutil.copy(root / "suites/phone" / path, target)
    code = """
import sys
from pytest_damover.cli import main
code = main(["convert", "v1.1.0"])
print("LOADED", [name for name in ("torch", "modelscope", "pytest") if name in sys.modules])
raise SystemExit(code)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("v1.1.0 and its twin find the same, to the last bit: ")
    assert done.stdout.splitlines()[-1] == "LOADED []"
    assert (tmp_path / "hub/demo/damoyolo_phone/v1.1.0-codefree/configuration.json").is_file()
