"""How far detections drift from those that were accepted, and what a tolerance may be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.case import GoldenDemand
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.golden import drift
from pytest_damover.domain.golden_result import DEFAULT_TOLERANCE, GoldenOutcome, GoldenResult, Tolerance, demanded

BOX = [10.0, 10.0, 50.0, 50.0]


def found(*boxes, scores=None, labels=None):
    count = len(boxes)
    return Detections.of(boxes, scores or [0.9] * count, labels or ["phone"] * count)


def moved(pixels):
    return [10.0 + pixels, *BOX[1:]]


def test_the_example_of_the_docstring():
    golden = found(BOX, scores=[0.90])
    assert drift(golden, found(moved(1), scores=[0.88]), DEFAULT_TOLERANCE) == ()
    assert drift(golden, found(moved(3), scores=[0.90]), DEFAULT_TOLERANCE) == (
        "phone at [10 10 50 50] has moved 3 px, to [13 10 50 50] (score 0.900, golden 0.900)",
    )


@pytest.mark.parametrize("edge", range(4))
def test_every_edge_counts_and_the_tolerance_itself_is_let_pass(edge):
    box = [*BOX]
    box[edge] += 2.0
    assert drift(found(BOX), found(box), DEFAULT_TOLERANCE) == ()
    box[edge] += 0.001
    assert len(drift(found(BOX), found(box), DEFAULT_TOLERANCE)) == 1


def test_a_score_that_is_too_far_off_is_told_with_both():
    (line,) = drift(found(BOX, scores=[0.9]), found(BOX, scores=[0.8]), DEFAULT_TOLERANCE)
    assert line == "phone at [10 10 50 50]: score 0.800, golden 0.900"


def test_what_is_gone_and_what_is_new_are_told_apart():
    far = [200.0, 200.0, 240.0, 240.0]
    assert drift(found(BOX), EMPTY, DEFAULT_TOLERANCE) == ("phone at [10 10 50 50] is gone (golden score 0.900)",)
    assert drift(EMPTY, found(far), DEFAULT_TOLERANCE) == ("phone at [200 200 240 240] is new (score 0.900)",)
    assert len(drift(found(BOX), found(far), DEFAULT_TOLERANCE)) == 2
    assert drift(EMPTY, EMPTY, DEFAULT_TOLERANCE) == ()


def test_another_label_at_the_same_place_is_another_object():
    lines = drift(found(BOX), found(BOX, labels=["tablet"]), DEFAULT_TOLERANCE)
    assert [line.split(" at ")[0] for line in lines] == ["phone", "tablet"]


def test_pairs_are_made_for_all_at_once_not_one_after_the_other():
    """By hand: 0 goes to 1 (1 px) and 2 to 3 (1 px); the nearest first would give 2 to 1 and leave 0 with 3, 3 px."""
    golden = found(moved(0), moved(2))
    assert drift(golden, found(moved(1.1), moved(3)), Tolerance(1.2, 0.05)) == ()
    assert drift(golden, found(moved(3), moved(1.1)), Tolerance(1.2, 0.05)) == ()


def test_of_two_objects_at_one_place_the_scores_say_which_is_which():
    """The boxes alone would pair 0.9 with 0.5, for 0.4 px are less than 0.6 px."""
    golden = found(moved(0), moved(1), scores=[0.9, 0.5])
    assert drift(golden, found(moved(0.6), moved(0.4), scores=[0.9, 0.5]), DEFAULT_TOLERANCE) == ()


def test_one_pair_more_is_worth_more_than_scores_that_agree():
    """0 fits 1.5 and -1.5, 3 fits 1.5 only: both find a partner, and one score is told."""
    golden = found(moved(0), moved(3), scores=[0.9, 0.5])
    lines = drift(golden, found(moved(1.5), moved(-1.5), scores=[0.9, 0.9]), DEFAULT_TOLERANCE)
    assert lines == ("phone at [13 10 50 50]: score 0.900, golden 0.500",)


@given(st.permutations(range(6)), st.lists(st.floats(-1.9, 1.9), min_size=6, max_size=6))
def test_order_and_a_jitter_within_the_tolerance_are_no_drift(order, jitter):
    boxes = np.array([[50.0 * n, 0, 50.0 * n + 40, 40] for n in range(6)])
    golden = Detections.of(boxes, [0.9] * 6, ["phone"] * 6)
    other = Detections.of((boxes + np.array(jitter)[:, None])[list(order)], [0.9] * 6, ["phone"] * 6)
    assert drift(golden, other, DEFAULT_TOLERANCE) == ()


@pytest.mark.parametrize(("box_px", "score"), [(2.0, 0.05), (0.0, 0.0), (2, 0), (1.9, 0.05)])
def test_what_is_no_looser_needs_no_reason(box_px, score):
    assert Tolerance(box_px, score).faults(DEFAULT_TOLERANCE) == ()


@pytest.mark.parametrize(("box_px", "score"), [(2.1, 0.05), (2.0, 0.06), (0.0, 1.0), (9, 0)])
@pytest.mark.parametrize("reason", ["", "  "])
def test_what_is_looser_in_either_needs_a_reason(box_px, score, reason):
    (told,) = Tolerance(box_px, score, reason).faults(DEFAULT_TOLERANCE)
    assert told.endswith("is looser than 2 px and score 0.05, and no reason is given")
    assert Tolerance(box_px, score, "so").faults(DEFAULT_TOLERANCE) == ()


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -0.1, "2", None])
def test_what_is_no_number_is_no_tolerance_whatever_the_reason(wrong):
    assert "box_px" in Tolerance(wrong, 0.05, "so").faults(DEFAULT_TOLERANCE)[0]
    assert "score" in Tolerance(2, wrong, "so").faults(DEFAULT_TOLERANCE)[0]


def test_what_a_demand_leaves_open_is_as_it_was_accepted():
    accepted = Tolerance(5.0, 0.01, "it wobbles")
    assert demanded(GoldenDemand(), accepted) == accepted
    assert demanded(GoldenDemand(box_px=1.0), accepted) == Tolerance(1.0, 0.01, "it wobbles")
    assert demanded(GoldenDemand(score=0.02), accepted) == Tolerance(5.0, 0.02, "")
    assert demanded(GoldenDemand(score=0.02, reason="so"), accepted) == Tolerance(5.0, 0.02, "so")


def test_a_result_comes_back_from_the_journal():
    result = GoldenResult("a", GoldenOutcome.DRIFT, "v1/tests/a.cpu.fp32.json", "fp16", ("x",), Tolerance(3, 0.1, "so"))
    assert GoldenResult.from_json(result.to_json()) == result
