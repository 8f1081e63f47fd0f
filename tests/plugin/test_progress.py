"""What a person sees in a terminal while the cases run, and what a log gets instead."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty")

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:benchmark")
LINE = re.compile(r"(\d+)/(\d+) cases  (v[12])  [\d.]+ images/s  \d+ s left")


@pytest.fixture
def slow(project):
    """Ten cases of 15 ms each on two revisions; v2 loses one."""
    for number in range(10):
        project.case(f"case_{number}")
    project.revision("v1", latency_ms=15)
    project.revision("v2", latency_ms=15, case_3={"boxes": [], "scores": [], "labels": []})
    return project


def in_terminal(root, *arguments, **environment):
    """Everything that pytest writes to a terminal of 100 columns, and its exit code."""
    ours, theirs = pty.openpty()
    variables = {key: value for key, value in os.environ.items() if key != "CI"}
    variables.update(COLUMNS="100", TERM="xterm", **environment)
    command = [*PYTEST, "--revisions", "v1,v2", *arguments]
    with subprocess.Popen(command, cwd=root, env=variables, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                block = os.read(ours, 65_536)
            except OSError:  # how Linux says that the other side has closed
                break
            if not block:
                break
            written += block
        os.close(ours)
        code = process.wait(60)
    return written.decode(), code


def test_a_terminal_shows_one_line_that_redraws_itself_and_then_the_verdict(slow):
    text, code = in_terminal(slow.root)
    assert code == 1
    drawn = [found.groups() for found in LINE.finditer(text)]
    assert len(drawn) >= 3
    assert drawn[-1] == ("20", "20", "v2")
    assert [int(done) for done, _, _ in drawn] == sorted(int(done) for done, _, _ in drawn)
    assert {revision for _, _, revision in drawn} == {"v1", "v2"}
    assert "1 failed" in text.rpartition("20/20 cases")[2].partition("\n")[0]
    end = "\n".join(text.splitlines()[-25:])
    assert "FAIL" in end
    assert "report.html" in end


def test_the_line_is_never_wider_than_the_terminal(slow):
    text, _ = in_terminal(slow.root)
    lines = [piece for line in text.split("\n") for piece in line.split("\r") if "cases  v" in piece]
    assert lines
    assert max(map(len, lines)) < 100


@pytest.mark.parametrize("arguments", [(), ("-v",), ("-s",)], ids=("CI", "verbose", "not captured"))
def test_a_log_or_a_talkative_run_gets_no_such_line(slow, arguments):
    text, code = in_terminal(slow.root, *arguments, **({} if arguments else {"CI": "true"}))
    assert code == 1
    assert "cases  v" not in text


@pytest.mark.parametrize("ci", ["", "true"], ids=("no CI", "CI"))
def test_without_a_terminal_there_is_no_carriage_return_and_the_verdict_is_said_last(slow, ci):
    environment = {key: value for key, value in os.environ.items() if key != "CI"} | ({"CI": ci} if ci else {})
    done = subprocess.run([*PYTEST, "--revisions", "v1,v2"], cwd=slow.root, env=environment, capture_output=True)
    assert done.returncode == 1
    assert b"\r" not in done.stdout
    assert b"cases  v" not in done.stdout
    assert b"FAIL" in b"".join(done.stdout.splitlines()[-25:])
