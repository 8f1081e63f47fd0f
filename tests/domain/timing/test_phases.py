import math

import numpy as np
import pytest

from pytest_damover.domain.timing.latency import race
from pytest_damover.domain.timing.phases import phase_times
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.timing.race_times import BatchPairs, RaceTimes

MS = 1_000_000


def calls(slower, pairs=40):
    """Pairs by phase and of whole calls, of 1, 8 and 2 ms, where a phase of the candidate takes so many times more."""
    rng = np.random.default_rng(2)
    phases_ns = {}
    for name, takes in (("preprocess", 1), ("forward", 8), ("postprocess", 2)):
        times = takes * MS * rng.lognormal(0, 0.01, (pairs, 2)) * [1, slower.get(name, 1.0)]
        phases_ns[name] = tuple((int(before), int(after)) for before, after in times)
    whole = tuple(
        (sum(pair[0] for pair in row), sum(pair[1] for pair in row)) for row in zip(*phases_ns.values(), strict=True)
    )
    return phases_ns, whole


def test_a_gain_that_is_all_in_postprocess_is_seen_there_and_nowhere_else():
    phases_ns, whole = calls({"postprocess": 0.5})
    told = {one.name: one for one in phase_times(phases_ns, 40, 0.05)}
    assert told["postprocess"].interval[0] < 0.5 < told["postprocess"].interval[1]
    assert told["postprocess"].interval[1] < 0.6
    for name in ("preprocess", "forward"):
        assert told[name].interval[0] < 1 < told[name].interval[1]
    assert race(whole, 0.05).interval[1] < 0.95
    assert told["forward"].baseline_ms == pytest.approx(8, rel=0.01)


def test_a_gain_and_a_loss_that_cancel_in_the_call_are_both_seen():
    phases_ns, whole = calls({"postprocess": 0.5, "preprocess": 2.0})
    told = {one.name: one for one in phase_times(phases_ns, 40, 0.05)}
    assert race(whole, 0.05).ratio == pytest.approx(1, abs=0.01)
    assert told["postprocess"].interval[1] < 1 < told["preprocess"].interval[0]


def test_only_the_pairs_that_count_are_told_and_too_few_have_no_interval():
    phases_ns, _ = calls({})
    tail = tuple((10 * before, 30 * after) for before, after in phases_ns["forward"][20:])
    told = phase_times({"forward": phases_ns["forward"][:20] + tail}, 20, 0.05)
    assert [one.name for one in told] == ["forward"]
    assert told[0].ratio == pytest.approx(1, abs=0.02)
    assert phase_times(phases_ns, 8, 0.05)[0].interval is None


@pytest.mark.parametrize("bad", [0, -1, None, math.nan])
def test_a_phase_with_a_time_that_is_none_is_told_without_numbers(bad):
    (told,) = phase_times({"forward": ((1, 1), (1, bad))}, 2, 0.05)
    assert math.isnan(told.ratio)
    assert told.interval is None


TOLD = RaceTimes(
    decode_ns=(3 * MS, 5 * MS, 9 * MS),
    phases_ns={"forward": ((1, 2), (3, 4))},
    batches=(BatchPairs(4, ((5, 6), (7, 8))),),
    unbatched="8 images of one size are not there",
)


def test_what_a_race_tells_goes_through_the_journal_and_back():
    told = RaceConditions(2, times=TOLD)
    assert RaceConditions.from_json(told.to_json()) == told
    assert "times" not in RaceConditions(2).to_json()
    assert TOLD.decode_ms == 5
    assert RaceTimes().decode_ms is None


@pytest.mark.parametrize(
    "broken",
    [
        [],
        "x",
        {"phases_ns": []},
        {"phases_ns": {"lunch": []}},
        {"phases_ns": {"forward": 3}},
        {"phases_ns": {"forward": [[1, 2, 3]]}},
        {"decode_ns": [-1]},
        {"decode_ns": [1.5]},
        {"batches": [{"size": True, "pairs_ns": []}]},
        {"batches": [{"size": 4}]},
        {"batches": 4},
    ],
)
def test_what_no_race_tells_is_refused(broken):
    with pytest.raises((TypeError, ValueError, KeyError)):
        RaceConditions.from_json({"heats": 2, "times": broken})
