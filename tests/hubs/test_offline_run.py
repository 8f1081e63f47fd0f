"""T13: what was fetched and locked once runs again where there is no network at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from PIL import Image

PHONE = {"boxes": [[10.0, 10.0, 50.0, 50.0]], "scores": [0.9], "labels": ["phone"]}
POLICY = """\
schema = 1
[evidence]
min_cases = 2
min_images = 1
min_objects = 0
min_slice_images = 1
"""
NO_SOCKETS = """
import socket

def refuse(*arguments, **keywords):
    raise OSError("there is no network")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
"""


@pytest.fixture
def run(loopback, tmp_path):
    """Runs a module in a project whose hub is the server; the store is in a cache folder of its own."""
    root = tmp_path / "project"
    suite = root / "suites/toy"
    (suite / "cases").mkdir(parents=True)
    for name in ("one", "two"):
        Image.new("RGB", (64, 64), (len(name) * 20, 80, 120)).save(suite / f"{name}.png")
        expected = {"min_objects": 1, "expected_boxes": [{"box": [10, 10, 50, 50], "label": "phone"}]}
        case = {"name": name, "image_path": f"{name}.png", "expected": expected}
        (suite / f"cases/{name}.json").write_text(json.dumps(case))
    (suite / "gate.toml").write_text(POLICY)
    (root / "pyproject.toml").write_text(
        f"[tool.pytest.ini_options]\ndamover_hub = 'modelscope:{loopback.endpoint}'\n"
        "damover_model = 'demo/phone'\ndamover_detector = 'replay'\n"
    )
    for tag in ("v1", "v2"):
        record = {"detections": {}, "default": PHONE, "latency_ms": 0.001 * int(tag[1])}
        loopback.publish("tags", tag, {"detections.json": json.dumps(record).encode()})

    def do(*arguments, **environment):
        given = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "CI": "true", **environment}
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=root, env=given, capture_output=True, text=True, timeout=120)

    do.root, do.cache = root, tmp_path / "cache"
    return do


def judge(run, *arguments):
    return run("pytest", "-p", "no:cacheprovider", "-p", "no:benchmark", "--revisions", "v1,v2", *arguments)


def notes(run):
    return json.loads((run.root / "reports/latest/plan.json").read_text())["notes"]


def test_t13_a_locked_run_passes_from_the_store_with_every_socket_refused(run, loopback):
    assert run("pytest_damover.cli", "lock", "v1", "v2").returncode == 0
    online = judge(run)
    assert online.returncode == 0, online.stdout + online.stderr
    asked = len(loopback.requests)
    (run.root / "conftest.py").write_text(NO_SOCKETS)
    for arguments in ((), ("--damover-offline",)):
        done = judge(run, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert notes(run), "the report must say that the hub was not asked"
    assert len(loopback.requests) == asked


@pytest.mark.parametrize("arguments", [(), ("--damover-offline",)])
def test_t13_what_was_never_fetched_is_an_error_and_not_a_download(run, loopback, arguments):
    assert run("pytest_damover.cli", "lock", "v1", "v2").returncode == 0
    (run.root / "conftest.py").write_text(NO_SOCKETS)
    done = judge(run, *arguments)
    assert done.returncode == 21, done.stdout + done.stderr
    assert not loopback.downloads()
