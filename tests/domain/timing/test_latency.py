import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.latency_coverage import NOISES, in_octets, looks_missed, made_up_pairs
from pytest_damover.domain.policy_costs import LatencyRule
from pytest_damover.domain.timing.latency import race, race_under
from pytest_damover.race import ORDER

MS = 1_000_000


def pairs_of(rng, pairs, ratio=1.0, spread=0.1):
    return tuple(map(tuple, (np.exp(rng.normal(16, spread, (pairs, 2))) * [1, ratio]).tolist()))


def test_by_hand():
    # quads: the mean log ratio of one is that of sqrt(1.1 * 1.21), that of the other is 0
    pairs = [(10 * MS, 11 * MS), (10 * MS, 12.1 * MS), (10 * MS, 10 * MS), (10 * MS, 10 * MS)]
    result = race(pairs, 0.05)
    assert result.baseline_ms == 10
    assert result.candidate_ms == 10.5
    assert result.ratio_of_medians == 1.05
    assert result.ratio == pytest.approx(math.sqrt(math.sqrt(1.1 * 1.21)))
    assert result.interval is None


def test_what_running_second_costs_cancels_in_a_quad():
    pairs = [
        (100 + turn, 130 + turn) if side == 0 else (130 + turn, 100 + turn)
        for turn in range(8)
        for side in (0, 1, 1, 0)
    ]
    result = race(pairs, 0.05)
    assert result.ratio == pytest.approx(1)
    assert result.interval == pytest.approx((1, 1))


def test_what_it_costs_to_run_after_the_other_side_cancels_in_an_octet():
    rng = np.random.default_rng(2)
    calls = rng.lognormal(16, 0.01, 400)
    after_itself = np.array(ORDER) == np.roll(ORDER, 1)
    low, high = race(in_octets(calls * np.tile(np.where(after_itself, 0.9, 1.0), 50)), 0.05).interval
    assert low <= 1 <= high
    assert high - low < 0.005


def test_one_disturbed_image_does_not_decide():
    pairs = [(100 + turn, 100 + turn) for turn in range(39)] + [(100, 100_000)]
    assert race(pairs, 0.05).ratio == pytest.approx(1)


def test_a_ramp_that_slows_both_leaves_the_ratio_at_one_and_a_slow_candidate_is_found():
    calls = 1e7 * np.linspace(1, 2, 160) * np.random.default_rng(3).lognormal(0, 0.02, 160)
    for slower, inside in ((1.0, True), (1.1, False)):
        low, high = race(in_octets(calls, slower), 0.05).interval
        assert (low <= 1 <= high) is inside
        assert low <= slower <= high


@pytest.mark.parametrize("name", ["quiet", "all of it"])
@pytest.mark.parametrize("ratio", [1.0, 1.1])
def test_the_interval_covers_a_true_ratio(name, ratio):
    covered, widths = 0, []
    rng = np.random.default_rng(5)
    for _ in range(300):
        low, high = race(made_up_pairs(NOISES[name], 100, ratio, rng), 0.05).interval
        covered += low <= ratio <= high
        widths.append((high - low) / 2 / ratio)
    assert covered / 300 >= 0.93
    assert np.mean(widths) < 0.02


def test_looking_until_it_decides_does_not_err_more_often_than_the_policy_says():
    """And looking as often at an interval that has not paid for it does, so that this test can fail."""
    rule = LatencyRule(1.0, 20, 0.95, max_pairs=200)
    rng = np.random.default_rng(6)
    ours = sum(looks_missed(NOISES["quiet"], rule, 1.0, rng)[0] for _ in range(400))
    assert ours / 400 <= 0.07
    unpaid = 0
    for _ in range(400):
        pairs = made_up_pairs(NOISES["quiet"], 200, 1.0, rng)
        ends = [race(pairs[:count], 0.05).interval for count in (20, 32, 48, 72, 108, 164, 200)]
        unpaid += any(not low <= 1 <= high for low, high in ends)
    assert unpaid / 400 > 0.1


def test_the_look_that_was_reached_decides_how_many_pairs_count():
    pairs = pairs_of(np.random.default_rng(1), 60)
    rule = LatencyRule(1.1, 20, 0.95, max_pairs=100)
    assert [len(race_under(rule, pairs[:n]).pairs_ns) for n in (20, 31, 32, 47, 60)] == [20, 20, 32, 32, 48]
    assert race_under(rule, pairs[:19]).interval is None
    assert len(race_under(rule, pairs[:19]).pairs_ns) == 16


def test_an_early_look_is_wider_than_the_same_pairs_would_be_alone():
    pairs = pairs_of(np.random.default_rng(1), 60)
    alone = race_under(LatencyRule(1.1, 60, 0.95), pairs).interval
    early = race_under(LatencyRule(1.1, 60, 0.95, max_pairs=90), pairs).interval
    assert early[0] < alone[0] < alone[1] < early[1]


def test_a_round_that_was_there_before_does_not_count():
    pairs = pairs_of(np.random.default_rng(1), 24)
    assert race(pairs * 5, 0.05) == race(pairs, 0.05)
    assert race_under(LatencyRule(1.1, 28, 0.95), pairs * 5).interval is None


def test_too_few_octets_give_no_interval_and_pairs_that_make_none_do_not_count():
    pairs = pairs_of(np.random.default_rng(1), 16)
    assert race(pairs[:15], 0.05).interval is None
    assert len(race(pairs[:15], 0.05).pairs_ns) == 12
    assert race(pairs, 0.05).interval is not None


@pytest.mark.parametrize("bad", [0, -5, math.nan, math.inf, None, "5 ms", 10**400])
@pytest.mark.parametrize("side", [0, 1])
def test_a_time_that_is_no_positive_number_is_refused(bad, side):
    pair = [100, 100]
    pair[side] = bad
    with pytest.raises(ValueError, match=r"number|positive|convert"):
        race([(100, 100)] * 9 + [tuple(pair)], 0.05)


@pytest.mark.parametrize("pairs", [[], [(100, 100)] * 3])
def test_no_octet_is_refused(pairs):
    with pytest.raises(ValueError, match=r"no pair|no octet"):
        race(pairs, 0.05)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 10**10), st.integers(1, 10**10)), min_size=24, max_size=60, unique=True))
def test_swapping_the_sides_inverts_the_ratio(pairs):
    there = race(pairs, 0.05)
    back = race([(after, before) for before, after in pairs], 0.05)
    assert back.ratio == pytest.approx(1 / there.ratio)
    assert back.interval == pytest.approx((1 / there.interval[1], 1 / there.interval[0]))


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
        ours += race(in_octets(times), 0.05).interval[0] > 1.05
        theirs += times[40:].mean() / times[:40].mean() > 1.05
    assert ours <= 50 * 0.05
    assert theirs > 50 * 0.2
