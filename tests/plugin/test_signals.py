"""What ends a run from outside, by name: signals, a terminal that hangs up, `pytest.exit`, `-x`, a kill (H1, G2)."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import termios
import time

import pytest

from pytest_damover import cli
from tools.processes import alive, below

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:benchmark")
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
WAITED_S = 60


@pytest.fixture
def long(project):
    """Sixty cases of 15 ms each on two revisions."""
    for number in range(60):
        project.case(f"case_{number}")
    project.revision("v1", latency_ms=15)
    project.revision("v2", latency_ms=15.001)
    return project


def start(project, *arguments, **more):
    command = [*PYTEST, "--revisions", "v1,v2", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL, **more}
    return subprocess.Popen(command, cwd=project.root, text=True, **pipes)


def wait_for(process, condition):
    until = time.monotonic() + WAITED_S
    while not condition() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)


def records(project):
    """Whole records of the newest journal."""
    newest = project.root / "reports/latest/journal.jsonl"  # two runs of one second do not sort by name
    return [json.loads(line) for line in newest.read_text().split("\n")[:-1]] if newest.exists() else []


def finished(project):
    return sum(record["kind"] == "finish" for record in records(project))


def check_interrupted(project, reason, planned=120, least=1):
    """The journal, the verdict and the report all say so, and how far it came."""
    done = finished(project)
    end = records(project)[-1]
    assert (end["kind"], end["reason"]) == ("end", reason)
    assert least <= done < planned
    assert project.verdict["verdict"] == "INCONCLUSIVE"
    told = [found["message"] for found in project.findings() if found["reason"] == "interrupted"]
    assert len(told) == 1
    assert f"interrupted, {done} of {planned}" in told[0]
    assert reason in told[0]
    assert reason in (project.root / "reports/latest/report.html").read_text()
    assert not list((project.root / "reports").glob("*/.writing.*"))


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("sent", SIGNALS, ids=lambda sent: sent.name)
def test_h1_a_signal_ends_the_run_in_order(long, sent, spread):
    with start(long, *spread) as process:
        wait_for(process, lambda: finished(long) >= 5)
        children = below(process.pid)
        process.send_signal(sent)
        said, _ = process.communicate(timeout=WAITED_S)
    assert process.returncode == 20, said
    assert "INCONCLUSIVE" in said
    assert "Traceback" not in said
    check_interrupted(long, f"interrupted by {sent.name}")
    assert alive(children) == []


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL], ids=lambda sent: sent.name)
def test_h1_no_process_of_a_model_outlives_the_run(long, sent):
    with start(long, "--damover-runner", "process") as process:
        wait_for(process, lambda: finished(long) >= 5)
        children = below(process.pid)
        process.send_signal(sent)
        process.communicate(timeout=WAITED_S)
    assert len(children) >= 2, "a host and a child"
    assert alive(children) == []
    assert process.returncode == (20 if sent is signal.SIGTERM else -sent)


def test_h1_a_signal_while_the_host_still_imports_ends_it_too(long):
    with start(long, "--damover-runner", "process") as process:
        wait_for(process, lambda: below(process.pid))
        children = below(process.pid)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=WAITED_S)
    assert alive(children) == []


def test_h1_a_terminal_that_hangs_up_ends_the_run_in_order(long):
    ours, theirs = pty.openpty()

    def own_terminal():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    terminal = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    process = start(long, **terminal, preexec_fn=own_terminal)
    os.close(theirs)
    try:
        until = time.monotonic() + WAITED_S
        while finished(long) < 5 and time.monotonic() < until:
            os.set_blocking(ours, False)
            try:
                os.read(ours, 65536)
            except BlockingIOError:
                time.sleep(0.005)
    finally:
        os.close(ours)
    process.wait(WAITED_S)
    check_interrupted(long, "interrupted by SIGHUP")


def test_h1_what_is_ignored_on_purpose_stays_ignored(project):
    """As with `nohup`."""
    for number in range(12):
        project.case(f"case_{number}")
    project.revision("v1", latency_ms=15)
    project.revision("v2", latency_ms=15.001)
    with start(project, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        wait_for(process, lambda: finished(project) >= 3)
        process.send_signal(signal.SIGHUP)
        said, _ = process.communicate(timeout=WAITED_S)
    assert process.returncode == 0, said


STUBBORN = """\
import pathlib, time
def test_stubborn():
    here = pathlib.Path(__file__).parent
    try:
        (here / "begun").touch()
        time.sleep(100)
    except KeyboardInterrupt:
        (here / "told").touch()
        time.sleep(100)
"""


def test_a_second_signal_ends_it_at_once_and_leaves_no_file_by_halves(toy):
    toy.test_file(STUBBORN)
    with start(toy) as process:
        wait_for(process, (toy.suite / "begun").exists)
        process.send_signal(signal.SIGTERM)
        wait_for(process, (toy.suite / "told").exists)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == -signal.SIGTERM
    assert records(toy)[-1]["kind"] == "start"
    assert {path.name for path in (toy.root / "reports/latest").iterdir()} == {"plan.json", "journal.jsonl"}
    assert cli.main(["judge", "reports/latest"]) == 20


SLOW_END = """\
import pathlib, pytest, time
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    (pathlib.Path(__file__).parent / "ending").touch()
    time.sleep({seconds})
"""


@pytest.mark.parametrize(("times", "code"), [(1, 0), (2, -signal.SIGTERM)])
def test_when_nothing_is_left_but_the_report_one_signal_is_waited_out_and_a_second_ends_it(toy, times, code):
    (toy.root / "conftest.py").write_text(SLOW_END.format(seconds=1 if times == 1 else 100))
    with start(toy) as process:
        wait_for(process, (toy.root / "ending").exists)
        for _ in range(times):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        process.communicate(timeout=30)
    assert process.returncode == code
    assert toy.verdict["verdict"] == "PASS"
    assert records(toy)[-1]["reason"] == "finished"


def test_a_python_test_in_which_the_run_is_broken_off_has_no_end(toy):
    toy.test_file(STUBBORN.replace("except KeyboardInterrupt", "except ZeroDivisionError"))
    with start(toy) as process:
        wait_for(process, (toy.suite / "begun").exists)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=WAITED_S)
    assert process.returncode == 20, said
    item = "toy/test_toy.py::test_stubborn:test@"
    assert [record["kind"] for record in records(toy) if record.get("item") == item] == ["start"]
    check_interrupted(toy, "interrupted by SIGTERM", planned=9, least=0)


def test_a_signal_before_there_is_a_plan_is_inconclusive_too(toy):
    (toy.root / "conftest.py").write_text(
        "import pathlib, time\n"
        "def pytest_collection_modifyitems():\n"
        "    (pathlib.Path(__file__).parent / 'begun').touch()\n"
        "    time.sleep(100)\n"
    )
    with start(toy) as process:
        wait_for(process, (toy.root / "begun").exists)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=WAITED_S)
    assert process.returncode == 20, said
    assert not (toy.root / "reports").exists()


EXITS = """\
import pytest
def test_exits():
    pytest.exit("enough of that", {code})
"""


@pytest.mark.parametrize("code", [None, 0, 3])
def test_h1_pytest_exit_says_why_and_is_no_pass(toy, code):
    toy.test_file(EXITS.format(code=code))
    assert toy.compare().ret == 20
    assert toy.journal[-1]["reason"] == "interrupted: enough of that"


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_h1_what_stops_at_a_failure_says_so_and_the_rest_is_missing(project, option):
    for name in ("a", "b", "c"):
        project.case(name)
    project.revision("v1")
    project.revision("v2", a={"boxes": [], "scores": [], "labels": []})
    assert project.compare(option).ret == 1
    assert project.journal[-1]["reason"].startswith("stopped: stopping after 1 failures")
    assert ("plan", "INCONCLUSIVE") in project.bad_findings()
    assert project.verdict["counts"]["missing"] == 2


def test_the_signals_are_given_back(toy):
    def of_all():
        return [signal.getsignal(number) for number in SIGNALS]

    before = of_all()
    toy.test_file("import signal\ndef test_ours():\n    assert callable(signal.getsignal(signal.SIGTERM))\n")
    assert toy.compare().ret == 0
    assert of_all() == before
    toy.run("--collect-only")
    assert of_all() == before


def test_without_revisions_nobody_listens(toy):
    toy.test_file("import signal\ndef test_it():\n    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL\n")
    assert toy.run("suites/toy/test_toy.py").ret == 0


def has_begun(project, before):
    """A run folder is there that was not there before, and its journal has begun."""
    new = [path for path in (project.root / "reports").iterdir() if path.name not in before]
    return any((path / "journal.jsonl").exists() and (path / "journal.jsonl").stat().st_size for path in new)


LINE = re.compile(r"::(\w+)\[(v\d)\] PASSED")


@pytest.mark.slow
def test_g2_killed_at_random_moments_nothing_acknowledged_is_lost_and_it_can_be_gone_on_with(project):
    """Eight moments; `benchmarks/kill_matrix.py` does the same with the real models."""
    for number in range(30):
        project.case(f"case_{number}")
    project.revision("v1", latency_ms=4)
    project.revision("v2", latency_ms=4.001)
    assert project.compare().ret == 0
    whole = [found for found in project.findings() if found["rule"] != "resume"]
    chance = random.Random(7)
    for _ in range(8):
        wanted, begun = chance.randrange(60), {path.name for path in (project.root / "reports").iterdir()}
        with start(project, "-v", env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
            wait_for(process, lambda begun=begun: has_begun(project, begun))
            wait_for(process, lambda wanted=wanted: finished(project) >= wanted)
            time.sleep(chance.random() * 0.005)
            process.kill()
            said, _ = process.communicate(timeout=WAITED_S)
        done = {record["item"] for record in records(project) if record["kind"] == "finish"}
        assert {f"toy/{case}:detect@{revision}" for case, revision in LINE.findall(said)} <= done
        newest = (project.root / "reports/latest").resolve().name
        assert cli.main(["judge", f"reports/{newest}"]) == 20
        assert project.compare("--damover-resume", newest).ret == 0
        assert [found for found in project.findings() if found["rule"] != "resume"] == whole


LOST = """\
import os, signal, time
class Last:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.05)
def test_a():
    Last()
def test_b():
    pass
"""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_comes_in_a_finalizer_ends_the_run_all_the_same(toy):
    """Python swallows what is raised there."""
    toy.test_file(LOST)
    assert toy.compare("-W", "ignore").ret == 20
    assert toy.journal[-1]["reason"] == "interrupted by SIGTERM"
    assert [record["item"] for record in toy.journal if record["kind"] == "start"] == ["toy/test_toy.py::test_a:test@"]


LEAVES = """\
import os

def test_leaves(revision):
    os._exit({code})
"""


@pytest.mark.parametrize(("code", "seen"), [(0, 20), (7, 7)])
def test_who_leaves_before_the_verdict_does_not_leave_with_the_code_of_a_pass(toy, code, seen):
    toy.test_file(LEAVES.format(code=code))
    process = start(toy)
    told, _ = process.communicate(timeout=WAITED_S)
    assert process.returncode == seen
    assert ("os._exit(0) in pytest's own process" in told) == (code == 0)
    assert not (toy.root / "reports/latest/verdict.json").exists()
    assert cli.main(["judge", str(toy.root / "reports/latest")]) == 20


def test_a_fork_leaves_as_it_likes(toy):
    toy.test_file(
        "import os\n"
        "def test_forks(revision):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n        os._exit(0)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    assert start(toy).wait(WAITED_S) == 0


@pytest.mark.parametrize(("moment", "seen"), [("pytest_unconfigure", 0), ("pytest_collection_finish", 20)])
def test_who_leaves_when_the_verdict_is_pass_leaves_with_it(toy, moment, seen):
    (toy.suite / "conftest.py").write_text(f"import os\ndef {moment}():\n    os._exit(0)\n")
    process = start(toy, stdout=subprocess.DEVNULL)
    assert process.wait(WAITED_S) == seen


def test_what_was_taken_over_is_given_back(toy):
    leave = os._exit
    toy.compare("-k", "one")
    assert os._exit is leave
