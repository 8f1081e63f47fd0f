import numpy as np
import pytest

from pytest_damover.domain.timing.percentiles import FLOORS, percentile


def test_by_hand():
    twelve = percentile(range(1, 13), 0.5, 0.05)
    assert (twelve.value_ms, twelve.interval) == (6, (3, 10))


@pytest.mark.parametrize("share", FLOORS)
def test_a_percentile_is_refused_below_its_floor(share):
    times = list(range(FLOORS[share] - 1))
    assert percentile(times, share, 0.05).value_ms is None
    assert percentile(times, share, 0.05).interval is None
    assert percentile([*times, 0], share, 0.05).interval is not None


def test_p99_of_a_hundred_is_refused():
    refused = percentile(range(100), 0.99, 0.05)
    assert (refused.value_ms, refused.interval, refused.n) == (None, None, 100)


def test_without_an_alpha_there_is_a_value_and_no_interval():
    assert percentile(range(1, 13), 0.5, None).interval is None
    assert percentile(range(1, 13), 0.5, None).value_ms == 6


@pytest.mark.parametrize(("share", "truth"), [(0.5, 0.693147), (0.9, 2.302585)])
def test_the_interval_covers_the_percentile_of_a_skewed_distribution(share, truth):
    covered = 0
    for seed in range(400):
        times = np.random.default_rng(seed).exponential(1, 100)
        low, high = percentile(times, share, 0.05).interval
        covered += low <= truth <= high
    assert covered / 400 >= 0.94
