"""Rule `resume`: what may be taken over from an interrupted run, and what the judge finds wrong with it."""

from dataclasses import replace

import pytest

from pytest_damover.domain.journal import Resumed
from pytest_damover.domain.rules.rerun import resume_command
from pytest_damover.domain.run import LATENCY, PlanItem
from pytest_damover.domain.verdict import Answer

HERE = {
    "machine": "m",
    "processor": "x",
    "cores": "2",
    "system": "Linux 6",
    "python": "3.11",
    "torch": "2.15",
    "device": "cpu",
}
RACE = PlanItem("phone", LATENCY, LATENCY, "v2")


def judged(build, before=HERE, items=1, marked=("phone/a:detect@v1",), loads=(), race=False, runs=("run-0",)):
    planned = build.plan([build.suite([build.case("a"), build.case("b")])])
    if race:
        planned = replace(planned, items=(*planned.items, RACE))
    ends = {item.key: build.finished(item, taken_from=(*runs, "")[0]) for item in planned.items if item.key in marked}
    old = tuple(Resumed(one, "p" * 64, "j" * 64, before, items) for one in runs)
    told = build.run(planned, ends, environment=HERE, resumed=old, loads=loads, verified=(("v1", ()), ("v2", ())))
    verdict = build.answer(told)
    return verdict.verdict, [found for found in verdict.candidates[0].findings if found.rule == "resume"]


def test_a_run_of_one_piece_says_nothing(build):
    assert judged(build, items=0, marked=(), runs=()) == (Answer.PASS, [])


def test_what_was_taken_over_is_said_and_may_pass(build):
    answer, (found,) = judged(build)
    assert (answer, found.verdict, found.reason, found.n) == (Answer.PASS, Answer.PASS, "resumed", 1)
    assert "run-0" in found.message
    assert "machine" not in found.message


@pytest.mark.parametrize(("items", "marked"), [(2, ("phone/a:detect@v1",)), (0, ("phone/a:detect@v1",)), (1, ())])
def test_a_journal_that_took_over_something_else_than_it_says_is_an_error(build, items, marked):
    answer, (found,) = judged(build, items=items, marked=marked)
    assert (answer, found.reason) == (Answer.ERROR, "resume-damaged")


def test_an_end_of_a_run_that_nobody_resumed_is_an_error(build):
    planned = build.plan([build.suite([build.case("a")])])
    told = build.run(planned, {planned.items[0].key: build.finished(planned.items[0], taken_from="run-9")})
    verdict = build.answer(told)
    assert "resume-damaged" in [found.reason for found in verdict.candidates[0].findings]


@pytest.mark.parametrize("name", ["torch", "python", "device", "new"])
def test_other_versions_before_and_after_are_not_judged_as_one(build, name):
    answer, (found,) = judged(build, before={**HERE, name: "other"})
    assert (answer, found.reason) == (Answer.INCONCLUSIVE, "other-versions")
    assert f"{name} other is now" in found.message


@pytest.mark.parametrize("name", ["machine", "processor", "cores", "system"])
def test_another_machine_is_said(build, name):
    answer, (found,) = judged(build, before={**HERE, name: "other"})
    assert (answer, found.reason) == (Answer.PASS, "resumed")
    assert f"on another machine: {name} other is now" in found.message


def test_a_race_of_another_machine_proves_nothing_here(build):
    answer, (found,) = judged(build, before={**HERE, "processor": "y"}, marked=(RACE.key,), race=True)
    assert (answer, found.reason) == (Answer.INCONCLUSIVE, "other-machine")
    assert judged(build, marked=(RACE.key,), race=True)[1][0].reason == "resumed"


@pytest.mark.parametrize(
    "name", ["device_name", "precision", "versions", "score_threshold", "nms_iou_threshold", "threads"]
)
def test_a_revision_that_was_loaded_differently_in_both_parts_is_told(build, name):
    loads = (("v1", {name: 1, "runner": "process"}), ("v1", {name: 2, "runner": "inline"}))
    answer, (found,) = judged(build, loads=loads)
    assert (answer, found.reason) == (Answer.INCONCLUSIVE, "other-versions")
    assert f"v1: {name} was 1" in found.message
    assert judged(build, loads=(loads[0], ("v2", loads[1][1])))[1][0].reason == "resumed"
    assert judged(build, items=0, marked=(), runs=(), loads=loads)[1] == []


@pytest.mark.parametrize(
    ("command", "resumed"),
    [
        ("pytest --revisions v1,v2", "pytest --revisions v1,v2 --damover-resume run-1"),
        ("pytest --damover-resume run-0 -x", "pytest -x --damover-resume run-1"),
        ("pytest --damover-resume=run-0 -x", "pytest -x --damover-resume run-1"),
        ("pytest -k 'a b'", "pytest -k 'a b' --damover-resume run-1"),
        ("pytest -k 'a", ""),
    ],
)
def test_an_interrupted_run_names_the_command_that_goes_on_with_it(build, command, resumed):
    planned = build.plan([build.suite([build.case("a")])], command=command)
    told = build.run(planned, ended=None)
    assert resume_command(told) == resumed
    verdict = build.answer(told)
    assert [one.rerun for one in verdict.candidates[0].findings if one.reason == "interrupted"] == [resumed]
