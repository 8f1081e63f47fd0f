import dataclasses
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.gate import compare_candidates
from pytest_damover.domain.policy import At, OperatingRule
from pytest_damover.domain.rules import operating
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.scoring.shares import ShareEstimate
from pytest_damover.domain.verdict import Answer

PASS, FAIL, INCONCLUSIVE = Answer.PASS, Answer.FAIL, Answer.INCONCLUSIVE
DRAWS = {"confidence": 0.95, "resamples": 200, "seed": 1}
AWAY = [200.0, 0.0, 240.0, 80.0]


def found(*scores, away=()):
    boxes = [[10.0, 10.0, 50.0, 90.0]] * len(scores) + [AWAY] * len(away)
    return {"boxes": boxes, "scores": [*scores, *away], "labels": ["phone"] * len(boxes)}


def judged(build, before, after, loads=None, threshold=0.5, groups=None, **sections):
    """The findings of the two rules when each side found that in its images."""
    cases = [build.case(f"c{i}", confidence_threshold=threshold) for i in range(len(after))]
    cases = [dataclasses.replace(case, group=group) for case, group in zip(cases, groups or [None] * 99, strict=False)]
    policy = {**build.POLICY, **{name: {"resamples": 200, **said} for name, said in sections.items()}}
    planned = build.plan([build.suite(cases, policy)], baseline=None if before is None else "v1")
    sides = {"v1": before, "v2": after}
    ends = {
        item.key: build.finished(item, detections=sides[item.revision][int(item.case[1:])]) for item in planned.items
    }
    told = {} if loads is None else {"loads": tuple((name, {"score_threshold": cut}) for name, cut in loads.items())}
    run = build.run(planned, ends, **told)
    limits = build.policy(**{name: policy[name] for name in sections})
    (comparison,) = compare_candidates(run, {})
    found_by = operating.judge_operating(JudgedSuite(run, comparison, planned.suites[0], limits))
    return {finding.rule: finding for finding in found_by}


def test_recall_that_stays_passes_and_says_its_numbers(build):
    finding = judged(build, [found(0.9)] * 10, [found(0.8)] * 10, recall={"margin": 0.02})["recall"]
    assert (finding.verdict, finding.reason) == (PASS, "within-limit")
    assert (finding.value, finding.baseline, finding.candidate, finding.limit) == (0, 1, 1, -0.02)
    assert (finding.interval, finding.confidence, finding.n, finding.at) == ((0, 0), 0.95, 10, "case")
    assert finding.rerun == "pytest suites/phone --revisions v1,v2"
    assert "counted from each case's own score on" in finding.message


def test_recall_that_is_lost_fails(build):
    after = [found(0.9)] * 10 + [found()] * 30
    finding = judged(build, [found(0.9)] * 40, after, recall={"margin": 0.1})["recall"]
    assert (finding.verdict, finding.reason, finding.value) == (FAIL, "over-limit", -0.75)
    assert finding.interval[1] < -0.1


def test_one_object_of_ten_is_undecided_and_says_how_many_images_would_decide(build):
    after = [found(0.9)] * 9 + [found()]
    finding = judged(build, [found(0.9)] * 10, after, recall={"margin": 0.02})["recall"]
    assert (finding.verdict, finding.reason) == (INCONCLUSIVE, "undecided")
    assert "images like these 10 would" in finding.message
    assert finding.detectable > 0


@pytest.mark.parametrize(
    ("at", "recalls", "precisions"),
    [
        ("case", (0.5, 0.5), (1, 0.5)),  # the cases count from 0.6 on
        (0.3, (1, 0.5), (1, 0.5)),
        ("native", (1, 1), (1, 0.5)),
        ("shared", (1, 0.5), (1, 0.5)),  # v1 reports from 0.3 on
    ],
    ids=str,
)
def test_each_operating_point_by_hand(build, at, recalls, precisions):
    before = [found(0.9), found(0.55)]
    after = [found(0.9, away=[0.8]), found(0.1, away=[0.1])]
    sections = {"recall": {"at": at, "margin": 0.1}, "precision": {"at": at, "margin": 0.1}}
    loads = {"v1": 0.3, "v2": 0.05}
    result = judged(build, before, after, loads, threshold=0.6, **sections)
    assert (result["recall"].baseline, result["recall"].candidate) == recalls
    assert (result["precision"].baseline, result["precision"].candidate) == precisions
    assert result["recall"].at == str(at)


def test_the_floor_reads_the_candidates_own_interval(build):
    after = [found(0.9)] * 30 + [found()] * 10
    for minimum, verdict in ((0.5, PASS), (0.75, INCONCLUSIVE), (0.95, FAIL)):
        finding = judged(build, [found(0.9)] * 40, after, recall={"minimum": minimum})["recall.minimum"]
        assert (finding.verdict, finding.value, finding.limit, finding.baseline) == (verdict, 0.75, minimum, None)


def test_alone_only_the_floor_applies(build):
    result = judged(build, None, [found(0.9)] * 4, recall={"margin": 0.1, "minimum": 0.5}, precision={"margin": 0.1})
    assert {name: finding.verdict for name, finding in result.items()} == {"recall.minimum": PASS}


def test_a_candidate_that_reports_nothing_has_no_precision_and_a_recall_of_0(build):
    sections = {name: {"margin": 0.1, "minimum": 0.5} for name in ("recall", "precision")}
    result = judged(build, [found(0.9)] * 10, [found()] * 10, **sections)
    assert {name: (finding.verdict, finding.reason) for name, finding in result.items()} == {
        "recall": (FAIL, "over-limit"),
        "recall.minimum": (FAIL, "over-limit"),
        "precision": (INCONCLUSIVE, "no-data"),
        "precision.minimum": (INCONCLUSIVE, "no-data"),
    }


def test_one_image_gives_no_interval(build):
    finding = judged(build, [found(0.9)], [found(0.9)], recall={"margin": 0.1})["recall"]
    assert (finding.verdict, finding.reason) == (INCONCLUSIVE, "no-interval")


def test_images_of_one_group_are_drawn_together(build):
    """Three of six sites lose everything: thirty images, but six pieces of evidence."""
    before, after = [found(0.9)] * 30, [found(0.9)] * 15 + [found()] * 15
    rule = {"recall": {"margin": 0.2}}
    assert judged(build, before, after, **rule)["recall"].verdict is FAIL
    sites = judged(build, before, after, groups=[site for site in "abcdef" for _ in range(5)], **rule)["recall"]
    assert (sites.verdict, sites.reason) == (INCONCLUSIVE, "undecided")
    assert sites.message.endswith("; 30 images in 6 groups")
    one = judged(build, before, after, groups=["a"] * 30, **rule)["recall"]
    assert (one.reason, one.message.rpartition("; ")[2]) == ("no-interval", "30 images in 1 group")


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_g7_unreadable_detections_are_a_fail_that_names_the_side(build, side):
    good, bad = [found(0.9)] * 3, [found(0.9), {"boxes": [[0]]}, found(0.9)]
    sections = {"recall": {"margin": 0.5, "minimum": 0.1}}
    result = judged(build, *((bad, good) if side == "baseline" else (good, bad)), **sections)
    for finding in result.values():
        assert (finding.verdict, finding.reason) == (FAIL, "not-finite")
        assert f"the {side}'s detections" in finding.message


def test_g9_without_ground_truth_there_is_no_data(build):
    cases = [build.case("c0", boxes=None, min_objects=1)]
    policy = {**build.POLICY, "recall": {"margin": 0.1, "minimum": 0.5}}
    verdict = build.answer(build.run(build.plan([build.suite(cases, policy)])))
    found_by = build.findings(verdict)
    assert {found_by[rule, None].reason for rule in ("recall", "recall.minimum")} == {"no-data"}
    assert verdict.verdict is Answer.INCONCLUSIVE


@pytest.mark.parametrize("field", ["margin", "minimum"])
def test_g7_a_limit_that_is_no_number_is_a_fail(build, compared, field):
    run, comparison = compared
    rule = OperatingRule(**{"at": 0.5, "margin": None, "minimum": None, field: math.nan}, **DRAWS)
    limits = dataclasses.replace(build.policy(), recall=rule)
    (finding,) = operating.judge_operating(JudgedSuite(run, comparison, run.plan.suites[0], limits))
    assert (finding.verdict, finding.reason, finding.limit) == (FAIL, "not-finite", None)


anything = st.none() | st.floats(allow_nan=True, allow_infinity=True)
ends = st.none() | st.tuples(st.floats(), st.floats())


@settings(max_examples=150, deadline=None)
@given(value=anything, own=anything, interval=ends, own_interval=ends, margin=st.floats(), floor=st.floats())
def test_g7_a_pass_rests_on_finite_numbers_that_clear_the_limit(
    build, compared, value, own, interval, own_interval, margin, floor
):
    run, comparison = compared
    rule = OperatingRule(At.CASE, margin, floor, 0.95, 200, 1)
    limits = dataclasses.replace(build.policy(), recall=rule)
    estimate = ShareEstimate(8, 0.5, own, value, interval, own_interval)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operating, "estimate_operating", lambda *_: {"recall": estimate})
        findings = operating.judge_operating(JudgedSuite(run, comparison, run.plan.suites[0], limits))
    assert {finding.rule for finding in findings} == {"recall", "recall.minimum"}
    measured = {"recall": (value, interval, -margin), "recall.minimum": (own, own_interval, floor)}
    for finding in findings:
        number, span, limit = measured[finding.rule]
        if finding.verdict is PASS:
            assert all(math.isfinite(one) for one in (number, *span, limit))
            assert span[0] >= limit
        json.dumps(finding.to_json(), allow_nan=False)
