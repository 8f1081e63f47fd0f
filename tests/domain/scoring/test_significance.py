import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.scoring.significance import (
    holm,
    mcnemar,
    minimum_detectable_change,
    p_below,
    p_text,
    standard_error_of,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("regressions", "fixes", "two_sided"),
    [
        (5, 1, 14 / 64),
        (1, 5, 14 / 64),
        (1, 0, 1.0),
        (3, 3, 1.0),
        (6, 0, 2 / 64),
        (0, 6, 2 / 64),
    ],
)
def test_mcnemar_by_hand(regressions, fixes, two_sided):
    assert mcnemar(regressions, fixes) == pytest.approx(two_sided, abs=1e-15)


def test_mcnemar_without_a_change_is_no_data_and_a_negative_count_is_refused():
    assert mcnemar(0, 0) is None
    with pytest.raises(ValueError, match="-1 regressions"):
        mcnemar(-1, 2)


def test_mcnemar_is_the_binomial_test_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    for regressions, fixes in [*rng.integers(0, 60, size=(50, 2)).tolist(), [700, 640]]:
        if regressions + fixes:
            tested = stats.binomtest(regressions, regressions + fixes).pvalue
            assert mcnemar(regressions, fixes) == pytest.approx(tested, rel=1e-9)


def test_mcnemar_of_many_thousand_cases_is_a_number():
    assert 0 < mcnemar(5100, 4900) < 0.05
    assert mcnemar(5000, 0) == 0.0


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ((0.01, 0.04, 0.03), (0.03, 0.06, 0.06)),
        ((0.04, 0.01, 0.03), (0.06, 0.03, 0.06)),
        ((0.02,), (0.02,)),
        ((), ()),
        ((0.5, 0.6), (1.0, 1.0)),
        ((0.01, 0.01), (0.02, 0.02)),
    ],
)
def test_holm_by_hand(p_values, adjusted):
    assert holm(p_values) == pytest.approx(adjusted)


@pytest.mark.parametrize("wrong", [math.nan, -0.1, 1.1])
def test_holm_refuses_what_is_no_p_value(wrong):
    with pytest.raises(ValueError, match=r"lies in 0\.\.1"):
        holm((0.1, wrong))


def test_holm_keeps_the_chance_of_any_false_alarm():
    """20 true hypotheses, 4,000 times: one of them is below 0.05 in 64 %, adjusted in at most 5 %."""
    tried = np.random.default_rng(1).random((4000, 20)).tolist()
    assert np.mean([min(p_values) <= 0.05 for p_values in tried]) > 0.6
    assert 0.03 < np.mean([min(holm(p_values)) <= 0.05 for p_values in tried]) < 0.06


def test_p_below_by_hand():
    draws = np.array([-0.05, -0.04, -0.03, -0.01])
    assert p_below(draws, -0.02) == 0.4
    assert p_below(draws, 0.0) == 0.2
    assert p_below(draws, -0.05) == 1.0  # a draw on the limit is not below it
    assert p_below(np.append(draws, np.nan), -0.02) == 0.4
    assert p_below(np.full(3, np.nan), 0.0) is None
    assert p_below(draws, math.nan) is None


def test_minimum_detectable_change_by_hand():
    assert minimum_detectable_change(0.01, 0.95) == pytest.approx(0.0280, abs=5e-5)
    assert minimum_detectable_change(0.01, 0.95, power=0.5) == pytest.approx(0.0196, abs=5e-5)
    assert standard_error_of((-0.0196, 0.0196), 0.95) == pytest.approx(0.01, abs=1e-5)


def test_minimum_detectable_change_is_seen_as_often_as_it_says():
    """20,000 normal measurements of a change of that size: the interval excludes none in about 80 %."""
    change = minimum_detectable_change(1.0, 0.95)
    measured = np.random.default_rng(1).normal(change, 1.0, 20_000)
    assert np.mean(measured > 1.959964) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("p", "told"), [(0.21875, "= 0.219"), (1.0, "= 1"), (0.0001, "= 0.0001"), (1e-9, "< 0.0001")])
def test_p_values_as_text(p, told):
    assert p_text(p) == told


def test_a_share_that_was_never_seen_by_hand():
    assert wilson_interval(0, 50) == pytest.approx((0, 0.0713), abs=1e-4)
    assert wilson_interval(50, 50) == pytest.approx((0.9287, 1), abs=1e-4)
    assert wilson_interval(0, 0) == (0, 1)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_share_that_was_seen_lies_in_its_interval(part, rest):
    from scipy.stats import binomtest

    low, high = wilson_interval(part, part + rest)
    if part + rest:
        expected = binomtest(part, part + rest).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(("part", "of"), [(-1, 5), (6, 5)])
def test_no_share_is_outside_of_the_whole(part, of):
    with pytest.raises(ValueError, match="a count lies in"):
        wilson_interval(part, of)
