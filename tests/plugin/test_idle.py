"""Without `--revisions` the plugin does nothing and costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "modelscope", "jinja2", "scipy", "hypothesis.strategies", "PIL", "jsonschema_rs")
PROBE = """
import sys
import pytest
code = pytest.main([{arguments}])
print("LOADED", [name for name in {heavy!r} if name in sys.modules])
print("OURS", sorted(name for name in sys.modules if name.startswith("pytest_damover")))
"""
FEW = [
    "pytest_damover",
    "pytest_damover.plugin",
    "pytest_damover.plugin.hooks",
    "pytest_damover.plugin.options",
    "pytest_damover.settings",
]


def _lines(code: str, cwd) -> dict[str, str]:
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return {line.partition(" ")[0]: line.partition(" ")[2] for line in done.stdout.splitlines()}


@pytest.mark.parametrize("arguments", ["'--help'", "'-q'"])
def test_pytest_elsewhere_loads_nothing_heavy(tmp_path, arguments):
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    found = _lines(PROBE.format(arguments=f"{arguments}, '-p', 'no:hypothesispytest'", heavy=HEAVY), tmp_path)
    assert found["LOADED"] == "[]"
    assert found["OURS"] == str(FEW)


def test_damover_help_loads_nothing_heavy(tmp_path):
    code = f"""
import sys
from pytest_damover.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
print("LOADED", [name for name in {(*HEAVY, "pytest")!r} if name in sys.modules])
"""
    assert _lines(code, tmp_path)["LOADED"] == "[]"


def test_an_unrelated_folder_is_collected_and_reported_as_without_the_plugin(pytester):
    pytester.makepyfile(
        "import pytest\n\n@pytest.fixture\ndef model():\n    return 1\n\ndef test_mine(model):\n    assert model\n"
    )
    pytester.makefile(".json", case='{"name": "x"}')
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    result = pytester.runpytest_subprocess("--fixtures", "-q")
    assert "damover" not in result.stdout.str()
    assert pytester.runpytest_subprocess("--collect-only", "-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_suites_are_not_touched_without_revisions(toy):
    assert toy.run().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not (toy.root / "reports").exists()
