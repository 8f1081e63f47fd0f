"""A run that pytest-xdist spreads over workers is the run of one process: same plan, same verdict, same colours."""

from __future__ import annotations

import json
import random
import re
from collections import Counter

import pytest

from pytest_damover import remake, store

pytest.importorskip("xdist")

NOTHING = {"boxes": [], "scores": [], "labels": []}
TESTS = """\
import pytest

@pytest.mark.parametrize("times", [1, 2])
def test_detects(detector, cases, times):
    assert len(detector(cases.image("case_1"))) == 1

def test_pair(pair, cases):
    assert len(pair.baseline(cases.image("lost"))) == len(pair.candidate(cases.image("lost")))

def test_times(latency, cases):
    assert latency([cases.image("case_1")]).median_ms >= 0

def test_bench(benchmark, detector, cases):
    benchmark.pedantic(detector, args=(cases.image("case_1"),), rounds=3)
    assert benchmark.stats is not None

def test_of_no_revision():
    pass
"""
SLEEPY = """\
import os, random, time
from pytest_damover.detectors import replay
detect, drawn = replay.ReplayDetector.__call__, random.Random(f"{os.environ['SEED']} {os.getpid()}")

def sleepy(self, image):
    time.sleep(drawn.random() / 300)
    return detect(self, image)

replay.ReplayDetector.__call__ = sleepy
"""
UNLIKE = ("run_id", "created_at", "command")


@pytest.fixture
def rich(project):
    """Cases that are kept, lost, fixed and never found, a broken one, and Python tests of every kind."""
    for number in range(6):
        project.case(f"case_{number}", slices=["day"] if number % 2 else ["night"])
    for name in ("lost", "fixed", "never"):
        project.case(name, severity="minor")
    project.revision("v1", fixed=NOTHING, never=NOTHING)
    project.revision("v2", lost=NOTHING, never=NOTHING)
    project.test_file(TESTS)
    return project


def outcomes(result):
    found = result.parseoutcomes()
    return {name: number for name, number in found.items() if name not in ("warning", "warnings")}


def without(data, *names):
    return {name: value for name, value in data.items() if name not in names}


def verdict_of(project):
    return without(project.verdict, "run_id", "plan_digest", "journal_digest")


def test_plan_verdict_and_colours_are_those_of_one_process(rich):
    (rich.suite / "cases/broken.json").write_text("{")
    alone = rich.compare()
    plan, verdict, exit_code = without(rich.plan, *UNLIKE), verdict_of(rich), alone.ret
    spread = rich.compare("-n", "2", "-v")
    assert without(rich.plan, *UNLIKE) == plan
    assert verdict_of(rich) == verdict
    assert spread.ret == exit_code == 21
    assert outcomes(spread) == outcomes(alone)
    spread.stdout.fnmatch_lines(["*XFAIL*never.json::never?v2?*"])


@pytest.mark.slow
def test_h6_the_verdict_is_that_of_one_process_over_20_seeds(rich, monkeypatch):
    (rich.suite / "conftest.py").write_text(SLEEPY)
    monkeypatch.setenv("SEED", "0")
    alone = rich.compare()
    verdict = verdict_of(rich)
    assert verdict["verdict"] == "FAIL"
    for seed in range(20):
        monkeypatch.setenv("SEED", str(seed))
        spread = rich.compare("-n", str(random.Random(seed).randint(1, 4)), "-q")
        assert verdict_of(rich) == verdict
        assert (spread.ret, outcomes(spread)) == (alone.ret, outcomes(alone))


def test_each_worker_loads_each_model_once_and_the_journal_is_whole(toy):
    for number in range(30):
        toy.case(f"more_{number}")
    assert toy.compare("-n", "2", "-q").ret == 0
    loads = Counter(record["revision"] for record in toy.journal if record["kind"] == "load")
    assert loads == {"v1": 2, "v2": 2}
    kinds = Counter(record["kind"] for record in toy.journal)
    assert kinds["start"] == kinds["finish"] == len(toy.plan["items"])
    seen = {record["revision"]: record["faults"] for record in toy.journal if record["kind"] == "verify"}
    assert seen == {"v1": [], "v2": []}
    folder = store.open_run_folder(toy.root / "reports/latest")
    assert json.loads(remake.judge_folder(folder).verdict.to_text()) == toy.verdict


def test_what_is_timed_runs_after_all_workers_have_ended_and_is_measured(project):
    project.policy(
        "schema = 1\n[evidence]\nmin_cases = 2\nmin_images = 1\nmin_objects = 0\nmin_slice_images = 1\n"
        "[latency]\nmax_ratio = 2.0\npairs = 12\n"
    )
    for number in range(4):
        project.case(f"case_{number}")
    project.revision("v1", latency_ms=2)
    project.revision("v2", latency_ms=2.01)
    project.test_file(TESTS.replace("lost", "case_2"))
    result = project.compare("-n", "2")
    assert result.ret == 0, result.stdout.str()
    ended = [record["item"] for record in project.journal if record["kind"] == "finish"]
    timed = [item for item in ended if any(word in item for word in (":latency@", "test_times", "test_bench"))]
    assert len(timed) == 5
    assert ended[-5:] == timed
    race = next(record for record in project.journal if record["kind"] == "finish" and ":latency@" in record["item"])
    assert len(race["pairs_ns"]) == 16
    result.stdout.no_fnmatch_line("*Benchmarks are automatically disabled*")


def test_who_asks_for_a_timing_fixture_too_late_is_not_measured_beside_others(toy):
    toy.test_file("def test_late(revision, request):\n    request.getfixturevalue('latency')\n")
    assert toy.compare("-n", "1").ret == 20
    assert "latency does not measure beside other workers" in str(toy.findings())


def test_without_xdist_a_run_is_a_run_of_one_process(toy):
    assert toy.compare("-p", "no:xdist").ret == 0


def test_a_case_that_changes_between_plan_and_worker_is_an_error(toy):
    (toy.suite.parent / "conftest.py").write_text(
        "import os\n"
        "from pytest_damover import suites\n"
        "read = suites.case_from_data\n"
        "if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        "    suites.case_from_data = lambda *read_from: read(*read_from[:3], digest='0' * 64)\n"
    )
    assert toy.compare("-n", "1").ret == 21
    assert "was changed during the run" in str(toy.findings())


def test_an_image_that_changes_after_the_plan_is_an_error_in_a_worker_too(toy):
    (toy.suite / "conftest.py").write_text(
        "import os, pathlib, shutil\n"
        "images = pathlib.Path(__file__).parent / 'images'\n"
        "def pytest_runtest_logstart():\n"
        "    if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        "        shutil.copy(images / 'three.png', images / 'one.png')\n"
    )
    assert toy.compare("-n", "1").ret == 21
    assert "one.png has SHA-256" in str(toy.findings())


def test_a_model_that_changes_during_the_run_is_seen(toy):
    (toy.suite / "conftest.py").write_text(
        "import os, pathlib\n"
        "def pytest_sessionfinish(session):\n"
        "    if 'PYTEST_XDIST_WORKER' in os.environ:\n"
        "        hub = pathlib.Path(session.config.rootpath) / 'hub/acme/phones/v2'\n"
        "        (hub / 'more.txt').write_text('more')\n"
    )
    assert toy.compare("-n", "1").ret == 20
    assert "v2 changed while it was judged" in str(toy.findings())


def test_workers_that_collect_by_chance_are_an_error_that_says_so(toy):
    toy.test_file(
        "import os, pytest\n"
        "@pytest.mark.parametrize('name', [os.environ.get('PYTEST_XDIST_WORKER', 'controller')])\n"
        "def test_x(revision, name):\n    pass\n"
    )
    result = toy.compare("-n", "2")
    assert result.ret == 21, (toy.journal[-1], result.errlines)
    assert "collected other tests than the plan was made from" in str(toy.findings())
    result.stdout.fnmatch_lines(["*only in gw*test_x?v1-gw*"])
    assert sum(record["kind"] == "load" for record in toy.journal) == 0


def test_a_module_that_cannot_be_imported_is_told_once_and_is_an_error(toy):
    toy.test_file("import there_is_no_such_module\n")
    result = toy.compare("-n", "1")
    assert result.ret == 21
    assert outcomes(result) == {"passed": 8, "errors": 1}


def test_maxfail_stops_at_regressions_and_not_at_known_failures(rich):
    assert rich.compare("-n", "2", "-x").ret != 0
    stopped = re.fullmatch(r"stopped: stopping after ([12]) failures", rich.journal[-1]["reason"])
    assert stopped, "the other worker may have failed one more by the time"
    assert "lost:detect@v2" in str([record for record in rich.journal if record["kind"] == "finish"])
    assert rich.verdict["verdict"] in ("FAIL", "INCONCLUSIVE")


def test_workers_go_on_with_an_interrupted_run(rich):
    rich.compare("-q")
    findings = rich.findings()
    rich.compare("-n", "2", "-x", "-q")
    taken = sum(record["kind"] == "finish" for record in rich.journal)
    before = rich.verdict["run_id"]
    rich.compare("-n", "2", "-q", "--damover-resume", "reports/latest")
    assert [found for found in rich.findings() if found["rule"] != "resume"] == findings
    assert sum(record.get("taken_from") == before for record in rich.journal) == taken


def test_a_part_of_a_run_is_no_pass(toy):
    assert toy.compare("-n", "1", "-k", "two").ret == 20
    assert toy.verdict["counts"] == {"planned": 8, "run": 2, "passed": 2, "failed": 0, "skipped": 0, "missing": 6}


def test_a_failed_test_of_no_suite_is_no_pass(toy):
    (toy.suite.parent / "test_beside.py").write_text("def test_broken():\n    assert False\n")
    assert toy.compare("-n", "1").ret == 20
    assert "suites/test_beside.py::test_broken" in toy.journal[-1]["reason"]


def test_without_a_gate_pytests_own_answer_stands(rich):
    result = rich.compare("-n", "1", "--damover-no-gate")
    assert result.ret == 1
    assert outcomes(result)["failed"] == 5
    assert not (rich.root / "reports").exists()


def test_no_process_beside_is_a_run_of_one_process(toy):
    result = toy.compare("-n", "0")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*workers*")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-n", "2", "--dist", "loadgroup"), "--dist=loadgroup"),
        (("-n", "2", "--dist", "each"), "--dist=each"),
        (("--dist", "load", "--tx", "ssh=somewhere"), "--tx ssh=somewhere"),
        (("--dist", "load", "--tx", "2*popen//python=python3"), "--tx 2?popen//python=python3"),
        (("-n", "2", "--damover-update-golden"), "--damover-update-golden"),
        (("-n", "2", "-p", "no:damover-controller"), "-p no:damover-controller"),
    ],
)
def test_what_does_not_go_with_workers_is_a_usage_error(toy, arguments, told):
    result = toy.compare(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: damover: {told}*"])
    assert not (toy.root / "reports").exists()
