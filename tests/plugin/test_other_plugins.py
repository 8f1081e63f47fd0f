"""Other plugins beside ours: the verdict is the same as without them, or an ERROR that names the plugin."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.plugin.conftest import INI, NOTHING, PHONE, POLICY, one_phone

PLUGINS = {
    "pytest-rerunfailures": ("-p", "pytest_rerunfailures", "--reruns", "2"),
    "flaky": ("-p", "flaky.flaky_pytest_plugin", "--force-flaky", "--max-runs", "3"),
    "pytest-randomly": ("-p", "pytest_randomly"),
    "pytest-timeout": ("-p", "pytest_timeout", "--timeout", "5"),
    "pytest-cov": ("-p", "pytest_cov.plugin", "--cov=suites", "--cov-fail-under=100"),
    "pytest-html": ("-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin", "--html=other.html"),
    "pytest-benchmark": ("-p", "pytest_benchmark.plugin"),
    "pytest-xdist": ("-p", "xdist.plugin"),
}
TESTS = """
import pathlib

import pytest

HERE = pathlib.Path(__file__).parent


def test_of_no_revision():
    pass


def test_of_each_revision(detector, cases):
    assert len(detector(cases.image("one"))) == 1


@pytest.mark.parametrize("number", [1, 2])
def test_with_a_parameter(revision, number):
    assert number


@pytest.mark.skipif("not (HERE / 'unsteady').exists()")
def test_that_fails_once_on_the_candidate(revision):
    seen = HERE / f"seen-{revision.name}"
    is_first = not seen.exists()
    seen.touch()
    assert revision.name != "v2" or not is_first


@pytest.fixture
def fragile(revision):
    seen = HERE / f"prepared-{revision.name}"
    is_first = not seen.exists()
    seen.touch()
    is_fragile = (HERE / "fragile").exists() and revision.name == "v2"
    if is_fragile and is_first:
        pytest.fail("not the first time", pytrace=False)


def test_whose_fixture_fails_once_on_the_candidate(fragile):
    pass
"""


def installed(*names: str) -> None:
    """Skip, and say so, where one of the plugins is not there; with OTHER_PLUGINS=required fail."""
    for name in names:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            refuse = pytest.fail if os.environ.get("OTHER_PLUGINS") == "required" else pytest.skip
            refuse(f"NOT TESTED beside {name}: it is not installed; pip install -e '.[test,plugins]'")


def write_project(root: Path, tests: str, **recorded: Any) -> Path:
    """Four cases on v1, which finds all, and on v2, which finds what is recorded."""
    suite = root / "suites/toy"
    (suite / "cases").mkdir(parents=True)
    (suite / "images").mkdir()
    (root / "pyproject.toml").write_text(INI)
    (suite / "gate.toml").write_text(POLICY)
    (suite / "test_toy.py").write_text(tests)
    for shade, name in enumerate(("one", "two", "three", "four")):
        Image.new("RGB", (64, 64), (shade, 80, 120)).save(suite / f"images/{name}.png")
        case = {"name": name, "image_path": f"images/{name}.png", "expected": one_phone()}
        (suite / f"cases/{name}.json").write_text(json.dumps(case))
    for tag, detections in (("v1", {}), ("v2", {f"images/{name}.png": found for name, found in recorded.items()})):
        folder = root / f"hub/acme/phones/{tag}"
        folder.mkdir(parents=True)
        record = {"detections": detections, "default": PHONE, "latency_ms": 0.001 if tag == "v2" else 0}
        (folder / "detections.json").write_text(json.dumps(record))
    return root


def judged(root: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and verdict of a run with our plugin and those that `arguments` name, and no other."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": "true"}
    environment.pop("PYTEST_ADDOPTS", None)
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "pytest_damover.plugin.hooks")
    command += ("--revisions", "v1,v2", *arguments)
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120)
    verdict = root / "reports/latest/verdict.json"
    assert verdict.is_file(), done.stdout + done.stderr
    return done.returncode, json.loads(verdict.read_text())


def found(verdict: dict[str, Any]) -> tuple[str, dict[str, int], list[dict[str, Any]]]:
    """What must be the same: answers, counts and findings; a command to run again repeats that of the run."""
    findings = [
        {key: value for key, value in finding.items() if key != "rerun"}
        for candidate in verdict["candidates"]
        for finding in candidate["findings"]
    ]
    return verdict["verdict"], verdict["counts"], findings


def without_skips(tests: str) -> str:
    """The tests without the one that is to be skipped unless a project is unsteady: a skip is no PASS."""
    head, _, tail = tests.partition('@pytest.mark.skipif("not (HERE')
    return head + tail[tail.index("@pytest.fixture") :]


@pytest.fixture(scope="module", params=["nothing is lost", "a case is lost"])
def without_others(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, Any]:
    """A project, and what is found in it without any other plugin: PASS, and FAIL."""
    recorded = {"one": NOTHING} if request.param == "a case is lost" else {}
    root = write_project(tmp_path_factory.mktemp("alone"), without_skips(TESTS), **recorded)
    code, verdict = judged(root)
    assert code == (1 if recorded else 0)
    return root, code, found(verdict)


@pytest.mark.parametrize("plugin", PLUGINS)
def test_h10_the_verdict_is_the_same(plugin: str, without_others: tuple[Path, int, Any], tmp_path: Path) -> None:
    installed(plugin)
    project, code, alone = without_others
    root = _copy(project, tmp_path)
    beside_code, verdict = judged(root, *PLUGINS[plugin])
    assert (beside_code, found(verdict)) == (code, alone)


def test_h10_the_verdict_is_the_same_with_all_of_them(without_others: tuple[Path, int, Any], tmp_path: Path) -> None:
    together = [name for name in PLUGINS if name != "flaky"]  # flaky refuses to run beside rerunfailures
    installed(*together)
    project, code, alone = without_others
    arguments = dict.fromkeys(argument for name in together for argument in _pairs(PLUGINS[name]))
    beside_code, verdict = judged(_copy(project, tmp_path), *(word for pair in arguments for word in pair))
    assert (beside_code, found(verdict)) == (code, alone)


@pytest.mark.parametrize("plugin", ["pytest-rerunfailures", "flaky"])
@pytest.mark.parametrize("what", ["unsteady", "fragile"])
def test_h10_what_passes_only_when_it_is_run_again_is_no_pass(plugin: str, what: str, tmp_path: Path) -> None:
    installed(plugin)
    root = write_project(tmp_path, TESTS if what == "unsteady" else without_skips(TESTS))
    (root / "suites/toy" / what).touch()
    alone_code, alone = judged(_copy(root, tmp_path))
    code, verdict = judged(root, *PLUGINS[plugin])
    errors = [one["message"] for one in verdict["candidates"][0]["findings"] if one["verdict"] == "ERROR"]
    assert alone_code == (1 if what == "unsteady" else 21)
    assert found(verdict) == found(alone) or (code == 21 and any(_names(message, plugin) for message in errors))


def test_h10_a_test_that_takes_too_long_fails_with_the_name_of_the_plugin(tmp_path: Path) -> None:
    installed("pytest-timeout")
    slow = "import time\n\ndef test_slow(revision):\n    time.sleep(20 if revision.name == 'v2' else 0)\n"
    root = write_project(tmp_path, slow)
    code, _ = judged(root, "-p", "pytest_timeout", "--timeout", "1")
    assert code == 1
    journal = (root / "reports/latest/journal.jsonl").read_text().splitlines()
    assert [line for line in journal if '"finish"' in line and "test_slow" in line and "pytest-timeout" in line]


def _names(message: str, plugin: str) -> bool:
    """The plugin's name, or that of its module, which is all that `-p` tells."""
    return plugin in message or plugin.replace("-", "_") in message


def _copy(project: Path, to: Path) -> Path:
    names = ("reports", "project", "seen-*", "prepared-*")
    shutil.copytree(project, to / "project", ignore=shutil.ignore_patterns(*names))
    return to / "project"


def _pairs(arguments: tuple[str, ...]) -> list[tuple[str, ...]]:
    """`-p name` and `--option value` kept together."""
    pairs: list[tuple[str, ...]] = []
    for word in arguments:
        if word.startswith("-") or not pairs:
            pairs.append((word,))
        else:
            pairs[-1] += (word,)
    return pairs
