"""One real run of a small project on recorded detections, made once; every test that asks for it has its own copy."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

INI = """\
[tool.pytest.ini_options]
damover_hub = "local"
damover_model = "acme/phones"
damover_detector = "replay"
damover_aliases = ["v2-enhanced = v2"]
damover_locked = false
"""
POLICY = """\
schema = 1
[evidence]
min_cases = 2
min_images = 1
min_objects = 0
min_slice_images = 1
[ap50]
margin = 0.1
"""
PHONE = {"boxes": [[10.0, 10.0, 50.0, 50.0]], "scores": [0.9], "labels": ["phone"]}
NOTHING = {"boxes": [], "scores": [], "labels": []}
RUN = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:benchmark", "-p", "no:hypothesispytest")


def pytest_pycollect_makemodule() -> None:
    """Before a module of ours is imported. Not above: pytest reads this file for the suites too, without test extra."""
    # pytester unloads what only a run inside of a test imported, and scipy's compiled modules can be loaded just once
    import scipy.optimize
    import scipy.special  # noqa: F401
    from hypothesis import settings

    # a busy machine may take long over any example, which says nothing about what is tested
    settings.register_profile("any-machine", deadline=None)
    settings.load_profile("any-machine")


# a shell starts what runs in the background with SIGINT ignored, and that is inherited: tests of Ctrl-C would hang
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _write_project(root: Path) -> None:
    suite = root / "suites/toy"
    (suite / "cases").mkdir(parents=True)
    (suite / "images").mkdir()
    (root / "pyproject.toml").write_text(INI)
    (suite / "gate.toml").write_text(POLICY)
    for name in ("kept", "lost", "夜间"):
        Image.new("RGB", (64, 64), (len(name), 80, 120)).save(suite / f"images/{name}.png")
        expected = {"min_objects": 1, "expected_boxes": [{"box": [10, 10, 50, 50], "label": "phone"}]}
        case = {"name": name, "image_path": f"images/{name}.png", "slices": ["夜间"], "expected": expected}
        (suite / f"cases/{name}.json").write_text(json.dumps(case))
    for tag, detections in (("v1", {}), ("v2", {"images/lost.png": NOTHING})):
        folder = root / f"hub/acme/phones/{tag}"
        folder.mkdir(parents=True)
        (folder / "detections.json").write_text(json.dumps({"detections": detections, "default": PHONE}))


@pytest.fixture(scope="session")
def _judged_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("judged")
    _write_project(root)
    environment = {**os.environ, "CI": "true"}
    done = subprocess.run([*RUN, "--revisions", "v1,v2"], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    return root


@pytest.fixture
def judged_project(_judged_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which v2 was judged against v1 and lost a case: FAIL. It is the current folder."""
    root = tmp_path / "project"
    shutil.copytree(_judged_once, root, symlinks=True)
    monkeypatch.chdir(root)
    return root
