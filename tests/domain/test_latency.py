import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.latency import MIN_QUADS, race

MS = 1_000_000


def test_by_hand():
    # quads: sqrt(1.1 * 1.21) is one; the two single ratios of the second are 1 and 1
    pairs = [(10 * MS, 11 * MS), (10 * MS, 12.1 * MS), (10 * MS, 10 * MS), (10 * MS, 10 * MS)]
    result = race(pairs, 0.95, 200, 1)
    assert result.baseline_ms == 10
    assert result.candidate_ms == 10.5
    assert result.ratio == pytest.approx(math.sqrt(math.sqrt(1.1 * 1.21)))
    assert result.interval is None


def test_what_running_second_costs_cancels_in_a_quad():
    pairs = [(100, 130), (130, 100)] * 8
    result = race(pairs, 0.95, 300, 1)
    assert result.ratio == pytest.approx(1)
    assert result.interval == pytest.approx((1, 1))


def test_one_disturbed_image_does_not_decide():
    pairs = [(100, 100)] * 39 + [(100, 100_000)]
    assert race(pairs, 0.95, 300, 1).ratio == 1


def test_the_interval_covers_a_true_ratio():
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        times = np.exp(rng.normal(0, 0.1, (48, 2))) * [100, 110]
        low, high = race(times.tolist(), 0.95, 300, seed).interval
        covered += low <= 1.1 <= high
    assert covered / 200 >= 0.9


def test_same_seed_same_interval():
    rng = np.random.default_rng(1)
    pairs = rng.integers(90, 110, (30, 2)).tolist()
    assert race(pairs, 0.95, 300, 7) == race(pairs, 0.95, 300, 7)


def test_too_few_quads_give_no_interval_and_an_odd_pair_stands_for_one():
    assert race([(1, 1)] * (2 * MIN_QUADS - 2), 0.95, 300, 1).interval is None
    assert race([(1, 1)] * (2 * MIN_QUADS - 1), 0.95, 300, 1).interval == (1, 1)


@pytest.mark.parametrize("bad", [0, -5, math.nan, math.inf, None, "5 ms", 10**400])
@pytest.mark.parametrize("side", [0, 1])
def test_a_time_that_is_no_positive_number_is_refused(bad, side):
    pair = [100, 100]
    pair[side] = bad
    with pytest.raises(ValueError, match=r"number|positive|convert"):
        race([(100, 100)] * 9 + [tuple(pair)], 0.95, 300, 1)


def test_no_pairs_are_refused():
    with pytest.raises(ValueError, match="no pair"):
        race([], 0.95, 300, 1)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 10**10), st.integers(1, 10**10)), min_size=8, max_size=40))
def test_swapping_the_sides_inverts_the_ratio(pairs):
    there = race(pairs, 0.95, 50, 1)
    back = race([(after, before) for before, after in pairs], 0.95, 50, 1)
    assert back.ratio == pytest.approx(1 / there.ratio)
    assert there.interval[0] <= there.interval[1]


def _same_model(random_state, calls):
    """Times of one model on a machine that drifts, and now and then is busy for a while."""
    pace = np.exp(np.cumsum(random_state.normal(0, 0.01, calls)))
    busy = np.repeat(random_state.random(calls // 5 + 1) < 0.1, 5)[:calls]
    return 1e7 * pace * random_state.lognormal(0, 0.05, calls) * np.where(busy, 2.5, 1.0)


def test_h11_a_model_is_not_called_slower_than_itself_as_the_usual_recipe_would():
    """50 races of a model against itself, ours in turn and theirs one after the other, at a limit of 5 %."""
    ours = theirs = 0
    for seed in range(50):
        times = _same_model(np.random.default_rng(seed), 80)
        quads = times.reshape(-1, 4)
        pairs = np.stack([quads[:, [0, 1]], quads[:, [3, 2]]], axis=1).reshape(-1, 2)
        judged = race([tuple(pair) for pair in pairs], 0.95, 500, seed)
        ours += judged.interval[0] > 1.05
        theirs += times[40:].mean() / times[:40].mean() > 1.05
    assert ours <= 50 * 0.05
    assert theirs > 50 * 0.2
