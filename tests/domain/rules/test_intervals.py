import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.rules.intervals import (
    at_least,
    at_most,
    detectable,
    is_number,
    needed_to_decide,
    p_not_below,
)
from pytest_damover.domain.verdict import Answer

NUMBERS = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("interval", "limit", "answer"),
    [
        ((0.0, 1.0), 0.0, Answer.PASS),
        ((-0.1, 1.0), 0.0, Answer.INCONCLUSIVE),
        ((-0.1, 0.0), 0.0, Answer.INCONCLUSIVE),
        ((-0.2, -0.1), 0.0, Answer.FAIL),
        ((math.nan, 1.0), 0.0, Answer.FAIL),
        ((0.0, math.inf), 0.0, Answer.FAIL),
        ((0.0, 1.0), math.nan, Answer.FAIL),
        ((0.0, 1.0), -math.inf, Answer.FAIL),
        ((None, None), 0.0, Answer.FAIL),
    ],
)
def test_g7_at_least(interval, limit, answer):
    assert at_least(interval, limit) is answer


@given(NUMBERS, NUMBERS, NUMBERS)
def test_at_most_is_at_least_mirrored(one, other, limit):
    low, high = sorted((one, other))
    assert at_most((low, high), limit) is at_least((-high, -low), -limit)
    assert (at_most((low, high), limit) is Answer.PASS) == (high <= limit)


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, "1", True, [1]])
def test_g7_what_is_no_number(value):
    assert not is_number(value)


def test_half_the_gap_takes_four_times_the_images():
    assert needed_to_decide(0.0, (-0.04, 0.04), -0.02, 100) == 400
    assert needed_to_decide(-0.06, (-0.1, -0.02), -0.04, 100) == 400


def test_the_needed_number_is_rounded_up_to_two_digits():
    assert needed_to_decide(0.0, (-0.05, 0.05), -0.02, 111) == 700


@pytest.mark.parametrize("value", [-0.02, math.nan])
def test_on_the_limit_no_number_decides(value):
    assert needed_to_decide(value, (-0.04, 0.04), -0.02, 100) is None


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(0, 10**6))
def test_more_than_there_are_is_needed(value, one, other, limit, n):
    needed = needed_to_decide(value, (min(one, other), max(one, other)), limit, n)
    assert needed is None or needed > n


def test_a_p_value_reads_the_half_of_the_interval_that_faces_the_limit():
    # one-sided 2.5 % where the interval ends; twice as far is as far as 3.92 standard errors
    assert p_not_below(-0.10, (-0.18, -0.06), -0.06, 0.95) == pytest.approx(0.025)
    assert p_not_below(-0.10, (-0.18, -0.06), -0.02, 0.95) == pytest.approx(4.43e-5, rel=0.01)
    assert p_not_below(-0.02, (-0.06, 0.01), -0.06, 0.95) == pytest.approx(0.975)
    assert p_not_below(-1.0, (-1.0, -1.0), -0.5, 0.95) is None
    assert p_not_below(-0.1, None, -0.5, 0.95) is None
    assert p_not_below(float("nan"), (-0.1, 0.1), -0.5, 0.95) is None


def test_the_detectable_change_comes_from_the_width_of_the_interval():
    assert detectable((-0.0196, 0.0196), 0.95) == pytest.approx(0.0280, abs=1e-4)
    assert detectable(None, 0.95) is None
