"""A run that is stopped from outside is never a PASS, and keeps all that it had done."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from pytest_damover import cli

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:benchmark")


@pytest.fixture
def long(project):
    """Sixty cases of 20 ms each on two revisions: more than two seconds in all."""
    for number in range(60):
        project.case(f"case_{number}")
    project.revision("v1", latency_ms=20)
    project.revision("v2", latency_ms=20.001)
    return project


def journals(project):
    return [path for path in project.root.glob("reports/*/journal.jsonl") if path.parent.name != "latest"]


def finished(project):
    """How many whole records of finished items are in the newest journal."""
    newest = max(journals(project), default=None)
    return 0 if newest is None else newest.read_bytes().count(b'"kind":"finish"')


def stop(project, sent, after=20):
    """Start a run, send it a signal when so many items have finished; its exit code and what it said."""
    command = [*PYTEST, "--revisions", "v1,v2"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=project.root, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        until = time.monotonic() + 60
        while finished(project) < after and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(sent)
        said, _ = process.communicate(timeout=60)
    return process.returncode, said


def test_ctrl_c_is_inconclusive_and_says_interrupted(long):
    code, said = stop(long, signal.SIGINT)
    assert code == 20
    assert "INCONCLUSIVE" in said
    assert "Traceback" not in said
    assert long.journal[-1]["kind"] == "end"
    assert long.journal[-1]["reason"].startswith("interrupted")
    assert long.journal[-1]["counts"]["finished"] == long.verdict["counts"]["run"] >= 20
    assert long.verdict["verdict"] == "INCONCLUSIVE"
    assert long.verdict["counts"]["missing"] == 120 - long.verdict["counts"]["run"]
    assert "interrupted" in json.dumps(long.findings())
    assert "interrupted" in (long.root / "reports/latest/report.html").read_text().lower()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP], ids=lambda sent: sent.name)
def test_a_run_that_is_told_to_go_is_no_pass_then_or_later(long, sent):
    code, _ = stop(long, sent)
    assert code != 0
    assert cli.main(["judge", "reports/latest"]) == 20
    assert long.verdict["counts"]["run"] >= 20


def test_a_killed_run_leaves_what_it_did_and_is_judged_inconclusive(long, capsys):
    code, said = stop(long, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert "PASS" not in said
    folder = long.root / "reports/latest"
    assert sorted(path.name for path in folder.iterdir()) == ["journal.jsonl", "plan.json"]
    done = [record for record in long.journal if record["kind"] == "finish"]
    assert len(done) >= 20
    assert all(record["outcome"] == "passed" for record in done)
    assert cli.main(["judge", "reports/latest"]) == 20
    assert "INCONCLUSIVE" in capsys.readouterr().out
    assert long.verdict["counts"]["run"] == len(done)
    assert cli.main(["report", "reports/latest"]) == 0
    assert "INCONCLUSIVE" in (folder / "summary.md").read_text()


def test_after_a_killed_run_latest_is_not_the_one_that_passed_before(long):
    before = long.root / "reports/20000101T000000Z-aaaa"
    before.mkdir(parents=True)
    (before / "verdict.json").write_text('{"verdict": "PASS"}')
    (before.parent / "latest").symlink_to(before.name)
    stop(long, signal.SIGKILL, after=1)
    assert (long.root / "reports/latest").resolve() != before
    assert not (long.root / "reports/latest/verdict.json").exists()
    assert cli.main(["judge", "reports/latest"]) == 20
