"""G7: whatever is compared is compared in the positive form, so that what is no number meets no demand."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.expectations import evaluate_all
from pytest_damover.domain.golden import drift
from pytest_damover.domain.golden_result import Tolerance
from pytest_damover.domain.rules.intervals import at_least, at_most
from pytest_damover.domain.slicing.slices import readable_detections
from pytest_damover.domain.timing.latency import race
from pytest_damover.domain.verdict import Answer

NO_NUMBERS = (math.nan, math.inf, -math.inf, None, "0.9", True, [0.9])
NOT_FINITE = (math.nan, math.inf, -math.inf)
BOX = (4.0, 4.0, 20.0, 28.0)
DEMANDS = {
    "min_objects": 0,
    "max_objects": 9,
    "labels": ("phone",),
    "forbidden_regions": ((500.0, 500.0, 600.0, 600.0),),
    "no_duplicates": True,
    "expected_boxes": (GroundTruth(BOX, "phone"),),
}


@pytest.mark.parametrize("compare", [at_least, at_most])
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("wrong", NO_NUMBERS, ids=repr)
def test_g7_an_interval_or_a_limit_that_is_no_number_fails(compare, place, wrong):
    numbers = [0.4, 0.6, 0.5]
    numbers[place] = wrong
    low, high, limit = numbers
    assert compare((low, high), limit) is Answer.FAIL


@given(st.floats(), st.floats(), st.floats())
def test_g7_only_finite_numbers_that_clear_the_limit_pass(low, high, limit):
    passed = at_least((low, high), limit) is Answer.PASS
    assert passed == (all(map(math.isfinite, (low, high, limit))) and low >= limit)


@pytest.mark.parametrize("demand", DEMANDS)
@pytest.mark.parametrize(("wrong", "at"), [*itertools.product(NOT_FINITE, range(5))])
def test_g7_detections_that_are_no_numbers_meet_no_demand(demand, wrong, at):
    values = [*BOX, 0.9]
    values[at] = wrong
    found = Detections.of([values[:4]], values[4:], ["phone"])
    (outcome,) = evaluate_all(Expected(**{demand: DEMANDS[demand]}), found)
    assert not outcome.passed


@pytest.mark.parametrize(("wrong", "at"), [*itertools.product(NOT_FINITE, range(5))])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_g7_what_is_no_number_has_drifted(wrong, at):
    values = [*BOX, 0.9]
    values[at] = wrong
    golden = Detections.of([BOX], [0.9], ["phone"])
    found = Detections.of([values[:4]], values[4:], ["phone"])
    assert drift(golden, found, Tolerance())
    assert drift(found, golden, Tolerance())
    assert drift(found, found, Tolerance())


@pytest.mark.parametrize("wrong", [*NOT_FINITE, 0, -1, None, "x", 10**400])
def test_g7_a_time_that_is_not_positive_and_finite_is_no_race(wrong):
    with pytest.raises(ValueError, match=r"times must be numbers|not positive and finite|could not convert"):
        race([(1.0, 1.0)] * 7 + [(1.0, wrong)], 0.05)


@pytest.mark.parametrize("wrong", [*NOT_FINITE, None, "x", 10**400, {}])
@pytest.mark.parametrize("part", ["boxes", "scores"])
def test_g7_recorded_detections_that_are_no_numbers_cannot_be_read(part, wrong):
    data = {"boxes": [list(BOX)], "scores": [0.9], "labels": ["phone"]}
    data[part] = [[*BOX[:3], wrong]] if part == "boxes" else [wrong]
    assert readable_detections(data) is None
