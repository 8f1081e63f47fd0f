"""What is planted: a candidate that must fail, by arithmetic of the case alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.expectations import evaluate_all, registry
from pytest_damover.domain.planting.control import (
    RESAMPLES,
    SCORED,
    SOME,
    Planted,
    largest_slice,
    must_fail,
    plant,
    planted_detections,
)
from pytest_damover.domain.policy import At, OperatingRule
from pytest_damover.domain.scoring.matching import iou_matrix
from pytest_damover.domain.slicing.slices import readable_detections

COORDINATE = st.integers(-500, 500).map(float)
BOX = st.tuples(COORDINATE, COORDINATE, st.integers(1, 300), st.integers(1, 300)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)
DEMANDS = st.fixed_dictionaries(
    {
        "boxes": st.none() | st.lists(st.tuples(BOX, st.sampled_from(["phone", "cup"])), max_size=5),
        "confidence_threshold": st.floats(0.01, 1),
        "iou_threshold": st.floats(0.01, 1),
    },
    optional={
        "min_objects": st.integers(0, 5),
        "max_objects": st.integers(5, 2000),
        "labels": st.lists(st.sampled_from(["phone", "cup"]), min_size=1, max_size=2, unique=True),
        "no_duplicates": st.booleans(),
        "forbidden_regions": st.lists(BOX, max_size=3).map(lambda boxes: [list(box) for box in boxes]),
    },
)


@settings(max_examples=200, deadline=None)
@given(demands=DEMANDS)
@pytest.mark.parametrize("planted", Planted)
def test_what_must_fail_fails(build, planted, demands):
    expected = build.case("a", **demands).expected
    found = planted_detections(expected, planted)
    failed = {outcome.kind for outcome in evaluate_all(expected, found) if not outcome.passed}
    assert must_fail(expected, planted) <= failed
    assert readable_detections(found.to_json()) is not None
    if planted is Planted.ASTRAY:
        own = [i for i, label in enumerate(found.labels) if label in ("phone", "cup")]
        truths = [truth.box for truth in expected.expected_boxes or ()]
        assert len(own) >= len(truths)  # with labels, what is over max_objects carries one of them
        if truths:
            assert iou_matrix(found.boxes[own], build.detections(*((box, 1, "x") for box in truths)).boxes).max() == 0


def test_between_them_the_planted_candidates_fail_every_kind_of_expectation(build):
    demands = {"min_objects": 1, "max_objects": 2, "labels": ["phone"], "no_duplicates": True}
    expected = build.case("a", forbidden_regions=[[0, 0, 9, 9]], **demands).expected
    kinds = {kind for kind, _ in registry()}
    assert must_fail(expected, Planted.BLIND) == {"boxes", "count"}
    assert must_fail(expected, Planted.ASTRAY) == kinds


@pytest.fixture(scope="module")
def large(build):
    """3,000 cases: every third critical; two thirds by day, one by night, of which each tenth was not found before."""
    cases = [
        build.case(f"c{i:04}", ["night" if i % 3 == 0 else "day"], "critical" if i % 3 == 1 else "minor", min_objects=1)
        for i in range(3000)
    ]
    ap50 = {"margin": 0.1, "slices": {"night": 0.1, "day": 0.2}, "resamples": 200}
    policy = {**build.POLICY, "regressions": {"minor": 120}, "ap50": ap50}
    planned = build.plan([build.suite(cases, policy)])
    missed = {f"c{i:04}": "failed" for i in range(0, 3000, 10)}
    run, limits = build.run(planned, build.outcomes(planned, v1=missed, v2=missed)), build.policy(**policy)
    return run, limits, compare(run, planned.candidates[0], {"phone": limits})


def test_a_large_suite_is_sampled_by_what_its_limits_need(large):
    run, policy, comparison = large
    control = plant(run, comparison, run.plan.suites[0], policy, Planted.ASTRAY)
    assert 121 + SOME <= len(control.suite.cases) <= 121 + 2 * SOME
    assert control.regressions["minor"] > policy.regressions["minor"] == 120
    assert control.regressions["critical"] > policy.regressions["critical"] == 0
    assert control.unmoved == ()


def test_there_is_enough_ground_truth_to_measure_ap_on(large):
    run, policy, comparison = large
    unlimited = replace(policy, regressions=dict.fromkeys(Severity, 0))
    control = plant(run, comparison, run.plan.suites[0], unlimited, Planted.ASTRAY)
    assert len(control.suite.cases) == SCORED


def test_there_is_enough_ground_truth_to_measure_recall_on(large):
    run, policy, comparison = large
    recall = OperatingRule(At.CASE, 0.1, None, 0.95, 5000, 1)
    unlimited = replace(policy, regressions=dict.fromkeys(Severity, 0), ap50=None, recall=recall)
    control = plant(run, comparison, run.plan.suites[0], unlimited, Planted.ASTRAY)
    assert len(control.suite.cases) == SCORED
    assert control.policy.recall == replace(recall, resamples=RESAMPLES)


def test_the_blind_one_is_blind_in_the_largest_slice_that_has_a_margin(build, large):
    run, policy, comparison = large
    assert largest_slice(comparison.cases, policy) == "day"
    control = plant(run, comparison, run.plan.suites[0], policy, Planted.BLIND)
    assert control.slice == "day"
    assert {case.slices for case in control.suite.cases} == {("day",)}
    assert all(end.detections == build.MISS for end in control.run.finished.values() if end.item.endswith("@v2"))


def test_the_baseline_stays_as_it_was(large):
    run, policy, comparison = large
    control = plant(run, comparison, run.plan.suites[0], policy, Planted.ASTRAY)
    before = {key: end for key, end in control.run.finished.items() if key.endswith("@v1")}
    assert len(before) == len(control.suite.cases)
    assert all(run.finished[key] is end for key, end in before.items())
