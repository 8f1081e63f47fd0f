import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.signed_rank import centre_interval, hodges_lehmann, least_values

values = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=25)


def walsh(numbers):
    return sorted((a + b) / 2 for at, a in enumerate(numbers) for b in numbers[at:])


def test_by_hand():
    four = np.array([1.0, 2.0, 3.0, 10.0])
    assert hodges_lehmann(four) == pytest.approx(2.75)
    assert centre_interval(four, 0.25) == pytest.approx((1.5, 6.5))
    assert centre_interval(four, 0.1) is None


@given(values)
def test_the_centre_is_the_median_of_all_walsh_averages(numbers):
    assert hodges_lehmann(np.array(numbers)) == pytest.approx(np.median(walsh(numbers)), abs=1e-9)


@pytest.mark.parametrize("alpha", [0.2, 0.05])
@pytest.mark.parametrize("count", range(4, 13))
def test_the_interval_has_the_alpha_it_says_over_all_ways_to_set_the_signs(count, alpha):
    """The null distribution counted out: of all sign patterns at most alpha leave zero outside, and the next would."""
    sizes = np.arange(1, count + 1) + 0.5 / np.arange(2, count + 2)
    missed = [
        interval is None or not interval[0] <= 0 <= interval[1]
        for signs in itertools.product((-1, 1), repeat=count)
        for interval in [centre_interval(sizes * signs, alpha)]
    ]
    if count < least_values(alpha):
        assert all(missed)
    else:
        assert 0 < np.mean(missed) <= alpha


def test_the_fewest_values():
    assert [least_values(alpha) for alpha in (0.5, 0.05, 0.0002)] == [2, 6, 14]
    assert centre_interval(np.arange(5.0), 0.05) is None
    assert centre_interval(np.arange(6.0), 0.05) == (0, 5)


def test_where_the_normal_distribution_takes_over_the_interval_does_not_jump():
    widths = []
    for count in (199, 200, 201, 202):
        low, high = centre_interval(np.linspace(0, 1, count), 0.05)
        widths.append(high - low)
    assert widths == pytest.approx([widths[0]] * 4, rel=0.02)


def test_a_million_averages_and_more_take_no_memory_of_their_own():
    rng = np.random.default_rng(1)
    many = rng.normal(5, 1, 20_000)
    low, high = centre_interval(many, 0.05)
    assert low < hodges_lehmann(many) < high
    assert high - low == pytest.approx(2 * 1.96 * 1.023 / np.sqrt(20_000), rel=0.03)


@given(values)
def test_equal_values_are_their_own_centre(numbers):
    same = np.full(len(numbers), numbers[0])
    assert hodges_lehmann(same) == numbers[0]
