import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.timing.rank_sum import centre_interval, hodges_lehmann, least_values

values = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=25)


def means(first, second):
    return sorted((a + b) / 2 for a in first for b in second)


def test_by_hand():
    assert hodges_lehmann(np.array([1.0, 3.0]), np.array([0.0, 2.0, 20.0])) == pytest.approx(2)
    assert centre_interval(np.array([1.0, 3.0]), np.array([0.0, 2.0]), 1 / 3) == pytest.approx((0.5, 2.5))
    assert centre_interval(np.array([1.0, 3.0]), np.array([0.0, 2.0]), 0.3) is None


@given(values, values)
def test_the_centre_is_the_median_of_all_means(first, second):
    found = hodges_lehmann(np.array(first), np.array(second))
    assert found == pytest.approx(np.median(means(first, second)), abs=1e-9)


@given(values, st.floats(-1e3, 1e3))
def test_what_a_place_costs_cancels(numbers, cost):
    same = np.array(numbers)
    assert hodges_lehmann(5 + same + cost, 5 - same - cost) == pytest.approx(5, abs=1e-9)


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.01])
@pytest.mark.parametrize("count", range(2, 7))
def test_the_interval_has_the_alpha_it_says_over_all_orders(count, alpha):
    """The null distribution counted out: of all ways to deal 2n values to two samples at most alpha leave zero out."""
    noise = np.sqrt(np.arange(1, 2 * count + 1))
    missed = []
    for chosen in itertools.combinations(range(2 * count), count):
        others = [place for place in range(2 * count) if place not in chosen]
        interval = centre_interval(noise[list(chosen)], -noise[others], alpha)
        missed.append(interval is None or not interval[0] <= 0 <= interval[1])
    if count < least_values(alpha):
        assert all(missed)
    else:
        assert 0 < np.mean(missed) <= alpha


def test_no_larger_place_would_do():
    """The next mean inward would miss more often than alpha: the interval is as short as it may be."""
    from scipy.stats import mannwhitneyu

    for count, alpha in ((5, 0.05), (12, 0.05), (25, 0.01)):
        first = np.arange(count) * math.pi
        low, _ = centre_interval(first, np.zeros(count) + np.arange(count) * 1e-3, alpha)
        place = sum(mean < low - 1e-9 for mean in means(first, np.arange(count) * 1e-3)) + 1
        exact = np.array([mannwhitneyu_at_most(mannwhitneyu, count, below) for below in (place - 1, place)])
        assert exact[0] <= alpha / 2 < exact[1]


def mannwhitneyu_at_most(mannwhitneyu, count, most):
    """P(U <= most), from scipy: samples that interleave so that U is `most`."""
    first = [2.0 * (most // count + (place < most % count)) for place in range(count)]
    second = [2.0 * place + 1 for place in range(count)]
    first = [value + place * 1e-6 for place, value in enumerate(sorted(first))]
    found = mannwhitneyu(first, second, alternative="less", method="exact")
    assert found.statistic == most
    return found.pvalue


def test_the_fewest_values():
    assert [least_values(alpha) for alpha in (0.5, 0.05, 0.0002)] == [2, 4, 8]
    assert centre_interval(np.arange(3.0), np.arange(3.0), 0.05) is None
    assert centre_interval(np.arange(4.0), np.arange(4.0), 0.05) == (0, 3)


def test_samples_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="4 and 5"):
        centre_interval(np.arange(4.0), np.arange(5.0), 0.05)


def test_where_the_normal_distribution_takes_over_the_interval_does_not_jump():
    widths = []
    for count in (79, 80, 81, 82):
        low, high = centre_interval(np.linspace(0, 1, count), np.linspace(0, 1, count) ** 2, 0.05)
        widths.append(high - low)
    assert widths == pytest.approx([widths[0]] * 4, rel=0.02)


def test_a_hundred_million_means_and_more_take_no_memory_of_their_own():
    rng = np.random.default_rng(1)
    first, second = rng.normal(7, 1, 20_000), rng.normal(3, 1, 20_000)
    low, high = centre_interval(first, second, 0.05)
    assert low < hodges_lehmann(first, second) < high
    assert high - low == pytest.approx(2 * 1.96 * 1.023 / np.sqrt(40_000), rel=0.03)


@given(values)
def test_equal_values_are_their_own_centre(numbers):
    same = np.full(len(numbers), numbers[0])
    assert hodges_lehmann(same, same) == numbers[0]
