import dataclasses

import pytest

from pytest_damover.domain.damage import TORN, Damage, DamageKind
from pytest_damover.domain.run import PlanItem
from pytest_damover.domain.verdict import Answer

ERROR, INCONCLUSIVE = Answer.ERROR, Answer.INCONCLUSIVE


@pytest.mark.parametrize(
    ("journal", "expected"),
    [
        ({"ended": None}, (INCONCLUSIVE, "interrupted")),
        ({"ended": "interrupted"}, (INCONCLUSIVE, "interrupted")),
        ({"ended": None, "damage": (TORN,)}, (INCONCLUSIVE, "interrupted")),
        ({"damage": (TORN,)}, (ERROR, "torn-line")),
        *(({"damage": (Damage(kind, "x"),)}, (ERROR, kind.value)) for kind in DamageKind),
        ({"run_id": "run-2"}, (ERROR, "other-run")),
    ],
)
def test_faults_of_the_journal(build, day_night, journal, expected):
    verdict = build.answer(build.run(day_night, **journal))
    assert verdict.verdict is expected[0]
    assert expected in build.reasons(verdict)


def test_a_killed_run_is_no_damage(build, day_night):
    assert build.reasons(build.answer(build.run(day_night, ended=None, damage=(TORN,)))) == {
        (INCONCLUSIVE, "interrupted")
    }


def test_a_journal_of_another_plan(build, day_night):
    changed = dataclasses.replace(build.run(day_night), plan_digest="q" * 64)
    assert (ERROR, "plan-changed") in build.reasons(build.answer(changed))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (None, (INCONCLUSIVE, "missing-items")),
        ("skipped", (INCONCLUSIVE, "skipped-items")),
        ("error", (ERROR, "item-errors")),
    ],
)
@pytest.mark.parametrize("side", ["v1", "v2"])
def test_what_did_not_run_to_an_end(build, day_night, side, outcome, expected):
    verdict = build.answer(build.run(day_night, build.outcomes(day_night, **{side: {"night_2": outcome}})))
    assert build.reasons(verdict) == {expected}
    assert verdict.verdict is expected[0]
    assert f"phone/night_2:detect@{side}" in build.findings(verdict)["plan", None].message


def test_items_that_nobody_planned_or_that_ended_twice(build, day_night):
    stranger = build.finished(PlanItem("phone", "stranger", "detect", "v2"))
    ends = tuple(build.finished(item) for item in day_night.items)
    everyone = [item.key for item in day_night.items]
    for reason, journal in (
        ("unplanned-items", {"finished": (*ends, stranger)}),
        ("unplanned-items", {"started": [*everyone, stranger.item]}),
        ("duplicate-items", {"finished": (*ends, ends[0])}),
        ("duplicate-items", {"started": [*everyone, everyone[0]]}),
        ("never-started", {"started": everyone[1:]}),
    ):
        assert (ERROR, reason) in build.reasons(build.answer(build.run(day_night, **journal)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"narrowed": ("-k night",)}, (INCONCLUSIVE, "narrowed")),
        ({"items": ()}, (INCONCLUSIVE, "nothing-planned")),
    ],
)
def test_faults_of_the_plan(build, day_night, changes, expected):
    verdict = build.answer(build.run(dataclasses.replace(day_night, **changes)))
    assert expected in build.reasons(verdict)
    assert verdict.verdict is expected[0]


def test_a_case_left_out_of_the_plan(build, day_night):
    verdict = build.answer(build.run(dataclasses.replace(day_night, items=day_night.items[:-1])))
    assert build.reasons(verdict) == {(INCONCLUSIVE, "cases-not-planned")}


def test_broken_cases_and_items_of_no_suite(build, day_night):
    broken = dataclasses.replace(day_night.suites[0], broken=("cases/x.json: not JSON",))
    verdict = build.answer(build.run(dataclasses.replace(day_night, suites=(broken,))))
    assert build.reasons(verdict) == {(ERROR, "broken-cases")}
    assert "cases/x.json" in build.findings(verdict)["plan", None].message
    lost = dataclasses.replace(day_night, items=(*day_night.items, PlanItem("elsewhere", "a", "detect", "v2")))
    assert (ERROR, "unknown-suite") in build.reasons(build.answer(build.run(lost)))


def test_one_name_for_two_revisions(build):
    plan = build.plan([build.suite([build.case("a")])], candidates=[build.revision("v1", content="other")])
    assert (ERROR, "ambiguous-revisions") in build.reasons(build.answer(build.run(plan)))
