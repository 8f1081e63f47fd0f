"""A revision whose code writes a file, reads a secret and opens a connection, wherever code of a revision can run."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("modelscope") is None, reason="needs the modelscope extra"),
    pytest.mark.skipif(sys.platform != "linux", reason="children are confined on Linux only"),
]
DEMO = Path(__file__).parents[2] / "hub/demo/damoyolo_phone/v1.0.0"
SECRET = "marker-of-a-secret-91c4"
IMPORTED = """

def _try(deed):
    try:
        deed()
    except OSError:
        pass

def _plant():
    import pathlib, socket
    _try(lambda: pathlib.Path({marker!r}).write_text("x"))
    _try(lambda: socket.create_connection(("127.0.0.1", {port}), 2).close())

_plant()
"""
UNPICKLED = """[__import__("os").system("echo x > {marker}"),
 {{1: [{{"id": 1, "name": __import__("os").environ.get("GITHUB_TOKEN", "phone")}}]}}][1]"""


class Planted:
    """Unpickling this evaluates an expression."""

    def __init__(self, expression: str) -> None:
        self.expression = expression

    def __reduce__(self):
        return eval, (self.expression,)


class Listener:
    """Counts the connections to a port of this machine."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.connections += 1

    def close(self) -> None:
        self._socket.close()


class Trap:
    """A project on the planted revision, and what it would leave behind."""

    def __init__(self, project, markers: Path, listener: Listener) -> None:
        self.root: Path = project.root
        self.listener = listener
        self.markers = markers
        folder = self.root / "hub/acme/phones/v1"
        shutil.copytree(DEMO, folder)
        with (folder / "damoyolo.py").open("a") as file:
            file.write(IMPORTED.format(marker=str(markers / "imported"), port=listener.port))
        expression = UNPICKLED.format(marker=markers / "unpickled")
        (folder / "class_map.pkl").write_bytes(pickle.dumps(Planted(expression)))
        (self.root / "pyproject.toml").write_text(
            "[tool.pytest.ini_options]\ndamover_hub = 'local'\ndamover_model = 'acme/phones'\n"
            "damover_device = 'cpu'\ndamover_locked = false\n"
        )
        # the whole scene on one picture, so that there is something to be found and labelled
        project.case("one", {"min_objects": 0})
        suite = Path(__file__).parents[2] / "suites/phone"
        scene = next(iter(sorted((suite / "images").glob("day_plain*"))))
        shutil.copy(scene, self.root / f"suites/toy/images/scene{scene.suffix}")
        case = {"name": "scene", "image_path": f"images/scene{scene.suffix}", "expected": {"min_objects": 0}}
        (self.root / "suites/toy/cases/scene.json").write_text(json.dumps(case))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._do(
            ["-m", "pytest", "-p", "no:cacheprovider", "-p", "no:benchmark", "--revisions", "v1", *arguments]
        )

    def consent(self) -> subprocess.CompletedProcess[str]:
        return self._do(["-m", "pytest_damover.cli", "lock", "--consent", "--yes", "--by", "Ann", "v1"])

    def _do(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "GITHUB_TOKEN": SECRET}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=300)

    @property
    def traces(self) -> set[str]:
        """What the planted code achieved."""
        left = {path.name for path in self.markers.iterdir()}
        if self.listener.connections:
            left.add("connected")
        if any(SECRET.encode() in path.read_bytes() for path in self.root.rglob("*") if path.is_file()):
            left.add("secret")
        return left


@pytest.fixture
def trap(project, tmp_path_factory):
    listener = Listener()
    yield Trap(project, tmp_path_factory.mktemp("markers"), listener)
    listener.close()


def test_without_consent_it_leaves_no_trace(trap):
    done = trap.run()
    assert done.returncode == 4
    told = done.stdout + done.stderr
    assert "class_map.pkl" in told
    assert "damover lock --consent v1" in told
    assert trap.traces == set()


def test_asking_what_it_would_run_and_consenting_runs_nothing(trap):
    done = trap.consent()
    assert done.returncode == 0, done.stderr
    assert "eval" in done.stdout
    assert trap.traces == set()


def test_t12_with_consent_it_runs_in_a_child_where_none_of_it_succeeds(trap):
    trap.consent()
    done = trap.run()
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    confinement = next(
        json.loads(line)["facts"]["confinement"]
        for line in (trap.root / "reports/latest/journal.jsonl").read_text().splitlines()
        if '"kind":"load"' in line
    )
    missing = {guard for guard, _ in confinement["not_prevented"]}
    possible = {"imported", "unpickled"} if "writing" in missing else set()
    possible |= {"connected"} if "network" in missing else set()
    assert trap.traces <= possible
    if missing:
        report = (trap.root / "reports/latest/report.html").read_text()
        assert "Not prevented here" in report


def test_the_same_code_in_the_tests_own_process_achieves_all_of_it(trap):
    trap.consent()
    done = trap.run("--damover-runner", "inline")
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert trap.traces == {"imported", "unpickled", "connected", "secret"}
    assert "Not confined" in (trap.root / "reports/latest/report.html").read_text()
