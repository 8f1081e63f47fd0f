"""Going on with an interrupted run: what is taken over, what runs, and when it is refused."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pytest

from pytest_damover import cli, store
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.plugin import environment

LATENCY = "[latency]\nmax_ratio = 50\npairs = 12\n"
TESTS = """\
import pytest

def test_looks(detector, cases):
    assert len(detector(cases.image("one"))) == 1

def test_both(pair):
    assert pair.candidate is not None

def test_alone():
    pass
"""


@pytest.fixture
def whole(project, conftest_of):
    """A finished run of four cases, three Python tests and a race on two revisions: 13 items in all."""
    for name in ("one", "two", "three", "four"):
        project.case(name)
    project.revision("v1", latency_ms=1)
    project.revision("v2", latency_ms=1.001)
    project.policy((project.suite / "gate.toml").read_text() + LATENCY)
    project.test_file(TESTS)
    (project.root / "conftest.py").write_text(conftest_of)
    assert project.compare().ret == 0
    return project


@pytest.fixture
def conftest_of():
    """Writes down what really runs."""
    return (
        "import pathlib, pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_logreport(report):\n"
        "    if report.when == 'call':\n"
        "        with (pathlib.Path(__file__).parent / 'ran.txt').open('a') as file:\n"
        "            file.write(report.nodeid + '\\n')\n"
    )


def cut(project, keep, name="cut"):
    """A copy of the newest run, whose process was killed when `keep(record)` was False for the first time."""
    newest = (project.root / "reports/latest").resolve()
    folder = store.RunFolder(project.root / "reports" / name)
    shutil.copytree(newest, folder.path)
    lines = []
    for line in folder.journal.read_text().splitlines(keepends=True):
        if not keep(json.loads(line)):
            break
        lines.append(line)
    folder.journal.write_text("".join(lines))
    for path in (folder.verdict, folder.report, folder.summary):
        path.unlink()
    return folder


def after(count, kind="finish"):
    """Keeps the records up to and with the `count`-th of that kind."""
    seen = []

    def keep(record):
        whole = record["kind"] == "begin" or len(seen) < count
        seen.extend([record] if record["kind"] == kind else [])
        return whole

    return keep


def resume(project, *arguments, run="cut"):
    (project.root / "ran.txt").unlink(missing_ok=True)
    return project.compare("--damover-resume", run, *arguments)


def ran(project):
    path = project.root / "ran.txt"
    return path.read_text().splitlines() if path.exists() else []


def answers(project):
    """The findings but for those that only a resumed run has, and what time decides."""
    unlike = ("message", "value", "interval", "candidate", "baseline", "detectable")
    return [
        {key: value for key, value in found.items() if found["rule"] != "latency" or key not in unlike}
        for found in project.findings()
        if found["rule"] != "resume"
    ]


@pytest.mark.parametrize("count", range(14))
def test_whatever_was_done_the_rest_completes_to_the_same_answer(whole, count):
    before, items = answers(whole), [r["item"] for r in whole.journal if r["kind"] == "finish"]
    old = cut(whole, after(count))
    assert resume(whole).ret == 0
    assert answers(whole) == before
    assert len(ran(whole)) == 13 - count
    journal = whole.journal
    (said,) = [record for record in journal if record["kind"] == "resume"]
    assert (said["run_id"], said["items"]) == (old.read().plan.run_id, count)
    assert said["journal_digest"] == old.read().journal_digest
    ends = [record for record in journal if record["kind"] == "finish"]
    assert sorted(end["item"] for end in ends) == sorted(items)
    assert [end.get("taken_from", "") for end in ends] == [said["run_id"]] * count + [""] * (13 - count)
    assert {record["revision"] for record in journal if record["kind"] == "verify"} == {"v1", "v2"}
    assert ("resume", "PASS") in [(found["rule"], found["verdict"]) for found in whole.findings()]
    assert cli.main(["judge", "reports/latest"]) == 0


def test_workers_of_xdist_are_given_only_what_is_missing(whole):
    before = answers(whole)
    cut(whole, after(6))
    assert resume(whole, "-n", "2", "-p", "xdist").ret == 0
    assert answers(whole) == before
    assert len(set(ran(whole))) == 7  # told here and by the worker


def test_an_item_that_was_begun_and_not_ended_runs_again(whole):
    cut(whole, after(3, "start"))
    assert resume(whole).ret == 0
    assert len(ran(whole)) == 11
    assert [record["item"] for record in whole.journal if record["kind"] == "start"].count("toy/three:detect@v1") == 1


def test_a_resumed_run_that_is_killed_again_can_be_resumed_again(whole):
    first = cut(whole, after(3), "first")
    resume(whole, run="first")
    second = cut(whole, after(7), "second")
    assert resume(whole, run="second").ret == 0
    said = [(one["run_id"], one["items"]) for one in whole.journal if one["kind"] == "resume"]
    assert said == [(first.read().plan.run_id, 3), (second.read().plan.run_id, 4)]
    assert [found["verdict"] for found in whole.findings() if found["rule"] == "resume"] == ["PASS"]


def test_the_folder_of_the_run_may_be_named_instead_of_its_id_and_latest_is_it(whole):
    cut(whole, after(2))
    (whole.root / "reports/latest").unlink()
    (whole.root / "reports/latest").symlink_to("cut")
    assert resume(whole, run="reports/latest").ret == 0
    assert [record["items"] for record in whole.journal if record["kind"] == "resume"] == [2]


def test_failures_are_taken_over_and_count_against_what_is_allowed(project):
    for name in ("one", "two", "three"):
        project.case(name)
    project.policy((project.suite / "gate.toml").read_text() + "[regressions]\nmajor = 1\n")
    project.revision("v1")
    project.revision("v2", one={"boxes": [], "scores": [], "labels": []}, two={"boxes": [], "scores": [], "labels": []})
    assert project.compare().ret == 1
    before = answers(project)
    items = [record["item"] for record in project.journal if record["kind"] == "finish"]
    first = next(at for at, item in enumerate(items, 1) if item in ("toy/one:detect@v2", "toy/two:detect@v2"))
    cut(project, after(first))
    result = resume(project)
    assert result.ret == 1
    assert answers(project) == before
    result.assert_outcomes(failed=1, deselected=first, passed=6 - first - 1)


def test_what_the_baseline_failed_before_is_known_to_the_rest(project):
    for name in ("one", "two"):
        project.case(name)
    for tag, latency_ms in (("v1", 0), ("v2", 0.001)):
        project.revision(tag, latency_ms=latency_ms, one={"boxes": [], "scores": [], "labels": []})
    assert project.compare().ret == 0
    cut(project, after(2))
    result = resume(project)
    assert result.ret == 0
    result.assert_outcomes(passed=1, xfailed=1, deselected=2)


def refused(project, *said, run="cut", arguments=()):
    newest = (project.root / "reports/latest").resolve()
    result = resume(project, *arguments, run=run)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    text = result.stdout.str() + result.stderr.str()
    for words in said:
        assert words in text
    assert (project.root / "reports/latest").resolve() == newest
    assert ran(project) == []


def touch_case(project):
    path = project.suite / "cases/one.json"
    path.write_text(path.read_text().replace('"min_objects": 1', '"min_objects": 0'))


def touch_policy(project):
    path = project.suite / "gate.toml"
    path.write_text(path.read_text().replace("max_ratio = 50", "max_ratio = 40"))


def touch_image(project):
    shutil.copy(project.suite / "images/three.png", project.suite / "images/one.png")


def touch_test(project):
    project.test_file(TESTS.replace("== 1", ">= 1"))


def touch_revision(project):
    path = project.root / "hub/acme/phones/v2/detections.json"
    path.write_text(path.read_text().replace("0.9", "0.8"))


def add_case(project):
    project.case("five")


@pytest.mark.parametrize(
    ("touch", "said"),
    [
        (touch_case, "suites.toy.cases"),
        (touch_policy, "suites.toy.policy.latency.max_ratio was 50, and is 40"),
        (touch_image, "suites.toy.images.images/one.png"),
        (touch_test, "suites.toy.tests.suites/toy/test_toy.py"),
        (touch_revision, "candidates.v2.digest"),
        (add_case, "items"),
    ],
)
def test_another_plan_is_refused_and_what_differs_is_named(whole, touch, said):
    cut(whole, after(3))
    touch(whole)
    refused(whole, "another plan", said)


@pytest.mark.parametrize("arguments", [("--damover-device", "cuda"), ("-k", "one"), ("--damover-allow-identical",)])
def test_another_selection_or_option_that_matters_is_refused(whole, arguments):
    old = cut(whole, after(3))
    if arguments[0] == "-k":  # which is no part of the plan: what is left of it stays missing
        assert resume(whole, *arguments).ret == 20
        assert old.journal.exists()
    else:
        refused(whole, "another plan", arguments=arguments)


def test_a_complete_run_is_refused(whole):
    refused(whole, "nothing of it is missing", run=(whole.root / "reports/latest").resolve().name)


def test_other_versions_are_refused(whole, monkeypatch):
    cut(whole, after(3))
    here = environment.describe("cpu")
    monkeypatch.setattr(environment, "describe", lambda device, _: {**here, "torch": "9.9", "device": device})
    refused(whole, "versions: torch", "is now 9.9")


@pytest.mark.parametrize("name", ["machine", "processor"])
def test_on_another_machine_the_races_run_again_and_nothing_else(whole, monkeypatch, name):
    cut(whole, lambda record: record["kind"] != "verify")
    here = environment.describe("cpu")
    monkeypatch.setattr(environment, "describe", lambda *_: {**here, name: "another"})
    assert resume(whole).ret == 0
    assert [line.rpartition("::")[2] for line in ran(whole)] == ["latency[v2]"]
    (found,) = [found for found in whole.findings() if found["rule"] == "resume"]
    assert f"on another machine: {name}" in found["message"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: [*lines[:2], *lines[3:]], "the journal is damaged"),
        (lambda lines: [*lines, lines[-1]], "the journal is damaged"),
        (lambda lines: [lines[0].replace('"run_id":"', '"run_id":"x'), *lines[1:]], "the journal is of run"),
        (lambda lines: [lines[0].replace('"plan_digest":"', '"plan_digest":"x'), *lines[1:]], "written for plan"),
        (lambda lines: [line.replace("toy/one:", "toy/none:") for line in lines], "without being planned"),
        (lambda lines: lines[:0], "not a journal"),
        (
            lambda lines: [*lines, f'{{"seq":{len(lines)},"kind":"verify","revision":"v1","faults":["moved"]}}\n'],
            "v1 changed while it was judged: moved",
        ),
    ],
)
def test_a_journal_that_is_no_true_account_is_refused(whole, damage, said):
    folder = cut(whole, after(3))
    folder.journal.write_text("".join(damage(folder.journal.read_text().splitlines(keepends=True))))
    refused(whole, said)


def test_a_torn_last_line_is_what_a_kill_leaves_and_is_no_obstacle(whole):
    folder = cut(whole, after(3))
    with folder.journal.open("a") as file:
        file.write('{"seq":8,"kind":"fini')
    assert resume(whole).ret == 0


def test_a_run_that_is_not_there_and_one_without_a_journal_are_usage_errors(whole):
    refused(whole, "no such run", run="none")
    cut(whole, after(3))
    refused(whole, "--damover-no-gate", arguments=("--damover-no-gate",))


def test_a_crash_stays_a_crash(whole):
    folder = cut(whole, after(8))
    crashed = Finished("toy/one:detect@v2", ItemOutcome.FAILED, "SIGSEGV", "cpu", crashed=True)
    lines = folder.journal.read_text().splitlines(keepends=True)
    at = next(at for at, line in enumerate(lines) if '"finish"' in line and crashed.item in line)
    lines[at] = json.dumps({"seq": at, **crashed.to_json()}) + "\n"
    folder.journal.write_text("".join(lines))
    assert resume(whole).ret == 1
    assert ("crashes", "FAIL") in whole.bad_findings()
    assert dataclasses.replace(crashed, taken_from="x").to_json().keys() == {
        *(key for record in whole.journal if record.get("crashed") for key in record),
    } - {"seq"}


def test_judging_an_interrupted_run_names_the_command_that_goes_on(whole, capsys):
    folder = cut(whole, after(3))
    run_id = folder.read().plan.run_id
    assert cli.main(["judge", "reports/cut"]) == 20
    told = capsys.readouterr().out
    assert "go on with it: pytest -p no:cacheprovider" in told
    assert f"--damover-resume {run_id}" in told.replace("\n", "")
