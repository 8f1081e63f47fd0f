"""A worker that dies, and a controller that is stopped: what was lost is never a PASS, whoever runs the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("xdist")

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:benchmark")
DIES = """\
import os, signal
WORKER = os.environ.get("PYTEST_XDIST_WORKER")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

"""
AT_A_CASE = """\
from pytest_damover.detectors import replay
detect = replay.ReplayDetector.__call__

def dying(self, image):
    if WORKER == "gw0":
        die()
    return detect(self, image)

replay.ReplayDetector.__call__ = dying
"""
AT_COLLECTION = """\
def pytest_collection_finish():
    if WORKER == "gw0":
        die()
"""
AFTER_AN_ITEM = """\
def pytest_runtest_logfinish(nodeid):
    if WORKER in ("gw0", "gw1") and nodeid.endswith("two[v2]"):
        die()
"""
AT_THE_END = """\
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish():
    if WORKER == "gw0":
        die()
"""
IN_A_TEST = """\
import os, signal

def test_once(revision):
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
        os.kill(os.getpid(), signal.SIGKILL)
"""
RUNS_AGAIN = """\
def pytest_handlecrashitem(crashitem, report, sched):
    sched.mark_test_pending(crashitem)
    report.outcome = "rerun"
"""


def dying(project, source):
    (project.suite.parent / "conftest.py").write_text(DIES + source)


def unfinished(project):
    """Items that were started, and never ended."""
    of = {kind: {r["item"] for r in project.journal if r["kind"] == kind} for kind in ("start", "finish")}
    return sorted(of["start"] - of["finish"])


def crashes(result):
    return result.stdout.str().count("crashed while running")


def test_h7_a_worker_killed_at_a_case_leaves_it_started_and_never_ended(toy):
    dying(toy, AT_A_CASE)
    result = toy.compare("-n", "2")
    assert result.ret == 20
    assert crashes(result) > 0
    assert len(unfinished(toy)) == 1
    assert toy.verdict["counts"] == {"planned": 8, "run": 7, "passed": 7, "failed": 0, "skipped": 0, "missing": 1}
    assert "worker gw0 died: while it ran suites/toy/cases/" in toy.journal[-1]["reason"]
    result.assert_outcomes(passed=7, failed=1)  # the report of the crash counts as failed


def test_h7_a_worker_killed_in_a_python_test_leaves_it_unfinished(toy):
    toy.test_file(IN_A_TEST)
    result = toy.compare("-n", "1")
    assert result.ret == 20
    assert unfinished(toy) == ["toy/test_toy.py::test_once:test@v1"]
    assert crashes(result) > 0


def test_h7_a_worker_killed_between_two_items_is_no_pass(toy):
    dying(toy, AFTER_AN_ITEM)
    assert toy.compare("-n", "1").ret == 20
    assert "died" in toy.journal[-1]["reason"]


@pytest.mark.parametrize("moment", [AT_COLLECTION, AT_THE_END], ids=["at collection", "at the end"])
def test_h7_a_worker_killed_beside_the_items_is_no_pass_though_all_ran(toy, moment):
    dying(toy, moment)
    assert toy.compare("-n", "1").ret == 20
    assert toy.verdict["counts"]["missing"] == 0
    assert "worker gw0 died: Not properly terminated" in toy.journal[-1]["reason"]


def test_a_worker_killed_with_a_plugin_that_runs_again_turns_nothing_green(toy):
    dying(toy, AT_A_CASE + RUNS_AGAIN)
    assert toy.compare("-n", "1").ret == 20
    assert toy.verdict["counts"]["missing"] == 1


def test_workers_that_are_not_replaced_leave_everything_missing(toy):
    dying(toy, AT_A_CASE.replace('== "gw0"', "is not None"))
    result = toy.compare("-n", "1", "--max-worker-restart", "0")
    assert result.ret == 20
    assert toy.verdict["counts"]["missing"] == 8


@pytest.fixture
def running(project):
    """A run of sixty slow cases on two workers, at a moment when some are done."""
    for number in range(60):
        project.case(f"case_{number}")
    project.revision("v1", latency_ms=20)
    project.revision("v2", latency_ms=20.001)
    command = [*PYTEST, "--revisions", "v1,v2", "-n", "2"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=project.root, stdout=pipe, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        until = time.monotonic() + 60
        while done(project) < 10 and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        yield project, process
        if process.poll() is None:
            process.kill()


def done(project):
    newest = project.root / "reports/latest/journal.jsonl"
    return newest.read_bytes().count(b'"kind":"finish"') if newest.exists() else 0


def workers_of(process):
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    return [int(child) for child in children]


def test_h7_a_worker_killed_from_outside_loses_one_item_and_the_rest_is_done(running):
    project, process = running
    os.kill(workers_of(process)[0], signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 20, said
    assert project.verdict["counts"]["missing"] <= 1
    assert "died" in project.journal[-1]["reason"]


@pytest.mark.parametrize("whom", ["the controller", "everybody"])
def test_ctrl_c_is_inconclusive_and_what_was_done_is_kept(running, whom):
    project, process = running
    (os.kill if whom == "the controller" else os.killpg)(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 20, said
    assert "Traceback" not in said
    assert project.journal[-1]["kind"] == "end"
    assert project.verdict["counts"]["run"] >= 10
    assert project.verdict["verdict"] == "INCONCLUSIVE"


def test_a_killed_controller_leaves_what_arrived_and_takes_its_workers_with_it(running):
    project, process = running
    workers = workers_of(process)
    process.kill()
    process.communicate(timeout=60)
    assert sum(record["kind"] == "finish" for record in project.journal) >= 10
    assert all(record["kind"] != "end" for record in project.journal)
    until = time.monotonic() + 20
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
