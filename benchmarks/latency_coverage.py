"""How often the race's interval holds the true ratio, on made-up times of a machine that is not quiet.

    python -m benchmarks.latency_coverage [--races 2000] [--pairs 20 48 100]

A line for each kind of noise, number of pairs and interval: the gate's (rank sums of quads), two bootstraps of the
same quads (of their median, of their mean) and Student's of the single pairs. The last lines race until the interval
decides a limit of 5 %, at the looks of a policy with 20 to 100 pairs, and count how often a look ever misses the truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.policy_costs import LatencyRule
from pytest_damover.domain.rules.latency import is_decided
from pytest_damover.domain.timing.latency import race, race_under
from pytest_damover.domain.timing.looks import looks_of
from pytest_damover.race import ORDER

Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Noise:
    """What a machine does to times, in log units a call: spread, its tail, a wandering pace, bursts, running second.

    `tail`: degrees of freedom of Student's. `bursts`: the share of runs of 7 calls in which a neighbour makes each take
    up to `burst` times as long. `second`: what the second call of a pair costs or saves, on a slow swing of `swing`.
    """

    spread: float = 0.03
    tail: float = 30
    pace: float = 0.0
    bursts: float = 0.0
    burst: float = 2.5
    swing: float = 0.0


NOISES = {
    "quiet": Noise(),
    "heavy tails": Noise(tail=2.5),
    "wandering": Noise(pace=0.03),
    "bursts": Noise(bursts=0.1),
    "swings": Noise(swing=0.06),
    "all of it": Noise(tail=2.5, pace=0.01, bursts=0.1, swing=0.04),
}


def made_up_pairs(noise: Noise, pairs: int, ratio: float, rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    """`pairs` (whole octets) of times in nanoseconds in the order ABBA BAAB, the candidate `ratio` times as slow."""
    calls = 2 * pairs
    log_times = np.log(2e7) + noise.spread * rng.standard_t(noise.tail, calls)
    log_times += np.cumsum(noise.pace * rng.standard_normal(calls))
    log_times += noise.swing * np.tile([0, 1], pairs)  # the second call of each pair finds a warm cache, or a hot core
    busy = np.repeat(rng.random(calls // 7 + 1) < noise.bursts, 7)[:calls]
    log_times += np.where(busy, np.log(noise.burst) * rng.random(calls), 0)
    return in_octets(np.exp(log_times), ratio)


def in_octets(calls: Floats, ratio: float = 1.0) -> tuple[tuple[int, int], ...]:
    """Calls of one model as the pairs of a race against itself, made `ratio` times as slow."""
    octets, order = calls.reshape(-1, len(ORDER)), np.array(ORDER)
    pairs = np.stack([octets[:, order == 0], octets[:, order == 1] * ratio], axis=2).reshape(-1, 2)
    return tuple((int(before), int(after)) for before, after in pairs)


def _quads(pairs: tuple[tuple[int, int], ...]) -> Floats:
    return _singles(pairs).reshape(-1, 2).mean(axis=1)


def _singles(pairs: tuple[tuple[int, int], ...]) -> Floats:
    times = np.array(pairs, dtype=np.float64)
    return np.log(times[:, 1] / times[:, 0])


def rank_sums(pairs: tuple[tuple[int, int], ...], _rng: np.random.Generator) -> Interval:
    interval = race(pairs, 0.05).interval
    assert interval is not None
    return interval


def bootstrap(
    statistic: Callable[..., Floats],
) -> Callable[[tuple[tuple[int, int], ...], np.random.Generator], Interval]:
    def interval(pairs: tuple[tuple[int, int], ...], rng: np.random.Generator) -> Interval:
        quads = _quads(pairs)
        draws = statistic(quads[rng.integers(0, len(quads), (400, len(quads)))], axis=1)
        low, high = np.exp(np.quantile(draws, (0.025, 0.975)))
        return float(low), float(high)

    return interval


def student(pairs: tuple[tuple[int, int], ...], _rng: np.random.Generator) -> Interval:
    from scipy.special import stdtrit

    singles = _singles(pairs)
    half = stdtrit(len(singles) - 1, 0.975) * singles.std(ddof=1) / np.sqrt(len(singles))
    return float(np.exp(singles.mean() - half)), float(np.exp(singles.mean() + half))


INTERVALS = {
    "the gate's": rank_sums,
    "bootstrap of medians": bootstrap(np.median),
    "bootstrap of means": bootstrap(np.mean),
    "Student's of pairs": student,
}


def lag_one(noise: Noise, rng: np.random.Generator) -> float:
    """The correlation of the log ratios of neighbouring pairs."""
    singles = _singles(made_up_pairs(noise, 2000, 1.0, rng))
    return float(np.corrcoef(singles[:-1], singles[1:])[0, 1])


def looks_missed(noise: Noise, rule: LatencyRule, ratio: float, rng: np.random.Generator) -> tuple[bool, bool, int]:
    """Did any look's interval miss the truth; was "slower than the limit" said; after how many pairs the race ended."""
    looks = looks_of(rule)
    pairs = made_up_pairs(noise, looks[-1].pairs, ratio, rng)
    seen = [race_under(rule, pairs[: look.pairs]).interval for look in looks]
    missed = any(one is not None and not one[0] <= ratio <= one[1] for one in seen)
    end = next((look.pairs for look in looks if is_decided(rule, pairs[: look.pairs])), looks[-1].pairs)
    interval = race_under(rule, pairs[:end]).interval
    return missed, interval is not None and rule.max_ratio is not None and interval[0] > rule.max_ratio, end


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=2000)
    parser.add_argument("--pairs", type=int, nargs="+", default=[20, 48, 100])
    options = parser.parse_args()
    print("| noise | lag-1 | pairs | interval | coverage | half-width |\n|---|---|---|---|---|---|")
    for name, noise in NOISES.items():
        correlation = lag_one(noise, np.random.default_rng(0))
        for pairs in options.pairs:
            for kind, interval in INTERVALS.items():
                rng = np.random.default_rng(1)
                found = [interval(made_up_pairs(noise, pairs, 1.0, rng), rng) for _ in range(options.races)]
                covered = np.mean([low <= 1 <= high for low, high in found])
                half = np.mean([(high - low) / 2 for low, high in found])
                print(f"| {name} | {correlation:+.2f} | {pairs} | {kind} | {covered:.1%} | {half:.2%} |", flush=True)
    rule = LatencyRule(1.05, 20, 0.95, max_pairs=100)
    print("\n| noise | true ratio | a look missed | called slower | pairs, mean |\n|---|---|---|---|---|")
    for name, noise in NOISES.items():
        for ratio in (1.0, 1.05, 1.1):
            rng = np.random.default_rng(2)
            ends = np.array([looks_missed(noise, rule, ratio, rng) for _ in range(options.races)])
            missed, slower, pairs_used = ends.mean(axis=0)
            print(f"| {name} | {ratio} | {missed:.1%} | {slower:.1%} | {pairs_used:.0f} |", flush=True)


if __name__ == "__main__":
    main()
