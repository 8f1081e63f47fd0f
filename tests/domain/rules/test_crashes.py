"""Rule `crashes`: which crashes stop a candidate, and which are only shown."""

import pytest

from pytest_damover.domain.run import LATENCY, PlanItem
from pytest_damover.domain.verdict import Answer

ALLOWED = {"regressions": {"major": 1}}


def judged(build, crashed, policy=ALLOWED, outcome="failed", **changes):
    planned = build.plan([build.suite([build.case(name) for name in "abc"], {**build.POLICY, **policy})], **changes)
    keys = {(item.case, item.revision): item for item in planned.items}
    ends = {
        keys[where].key: build.finished(keys[where], outcome, None, crashed=True, reason="its process ended (SIGSEGV)")
        for where in crashed
    }
    told = build.run(planned, ends)
    verdict = build.answer(told)
    return verdict, [found for found in verdict.candidates[0].findings if found.rule == "crashes"]


def test_no_crash_is_said(build):
    verdict, (found,) = judged(build, [])
    assert (verdict.verdict, found.verdict, found.reason, found.value) == (Answer.PASS, Answer.PASS, "no-crash", 0)


@pytest.mark.parametrize("alone", [False, True])
def test_a_crash_of_the_candidate_fails_whatever_the_policy_allows(build, alone):
    policy = {**ALLOWED, "failures": {"major": 1}}
    verdict, (found,) = judged(build, [("a", "v2")], policy, baseline=None if alone else "v1")
    assert (verdict.verdict, found.verdict, found.reason) == (Answer.FAIL, Answer.FAIL, "crashed")
    assert [one.rule for one in verdict.candidates[0].findings if one.verdict is not Answer.PASS] == ["crashes"]
    assert "phone/a:detect@v2" in found.message
    assert "SIGSEGV" in found.message
    assert "a.json::a" in found.rerun


def test_a_crash_on_both_sides_is_no_excuse(build):
    verdict, (found,) = judged(build, [("a", "v1"), ("a", "v2")])
    assert (verdict.verdict, found.verdict) == (Answer.FAIL, Answer.FAIL)


def test_a_crash_of_the_baseline_alone_is_shown_as_known(build):
    verdict, (found,) = judged(build, [("a", "v1")])
    assert (verdict.verdict, found.verdict, found.reason) == (Answer.PASS, Answer.PASS, "baseline-crashed")
    assert "phone/a:detect@v1" in found.message


def test_a_race_in_which_the_candidate_crashes_counts(build):
    items = [PlanItem("phone", "a", "detect", side) for side in ("v1", "v2")]
    race = PlanItem("phone", LATENCY, LATENCY, "v2")
    planned = build.plan([build.suite([build.case("a")], {**build.POLICY, **ALLOWED})], items=[*items, race])
    told = build.run(planned, {race.key: build.finished(race, "failed", None, crashed=True)})
    verdict = build.answer(told)
    assert [one.reason for one in verdict.candidates[0].findings if one.rule == "crashes"] == ["crashed"]


def test_another_candidates_crash_is_not_this_ones(build):
    cases = [build.case(name) for name in "ab"]
    planned = build.plan([build.suite(cases, {**build.POLICY, **ALLOWED})], candidates=("v2", "v3"))
    item = next(item for item in planned.items if item.revision == "v3")
    told = build.run(planned, {item.key: build.finished(item, "failed", None, crashed=True)})
    verdict = build.answer(told)
    assert [one.verdict for one in verdict.candidates] == [Answer.PASS, Answer.FAIL]


def test_of_identical_revisions_nothing_is_said(build):
    assert judged(build, [], candidates=(build.revision("v2", content="v1"),), items=[])[1] == []
