"""The race: how much longer the candidate takes than the baseline, from times taken in turn.

The calls were run in the order ABBA BAAB: two quads, four pairs, an octet. The mean of a quad's log ratios is free of
steady drift and of what running second costs. Quads, for the log ratios of neighbouring pairs are correlated (about
-0.4 was measured), and pairs alone would misjudge the spread. What is left is what its place in the quad costs a side:
the outer one runs after the other side twice, the inner one once. So quads in which the baseline is the outer one and
those in which the candidate is are two samples, which that cost moves apart and the ratio moves together. Ratio:
the Hodges-Lehmann estimate of what moves them together; interval: that of the rank sums (`rank_sum`), which is exact
when both sides are the same model, whatever the machine's noise. How often it holds the truth, beside bootstraps of
the same quads: `benchmarks/latency_coverage.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.policy_costs import DEFAULT_CONFIDENCE, LatencyRule
from pytest_damover.domain.timing.looks import OCTET_PAIRS, look_reached, looks_of
from pytest_damover.domain.timing.percentiles import FLOORS, Percentile, percentile
from pytest_damover.domain.timing.rank_sum import centre_interval, hodges_lehmann

Floats = NDArray[np.float64]
Pairs = tuple[tuple[int, int], ...]

_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class Race:
    """Median milliseconds an image of both sides, the ratio candidate over baseline and its interval.

    `ratio_of_medians` is told beside `ratio` and decides nothing. `pairs_ns` are the pairs that count, `percentiles`
    those of the candidate's times in them. The intervals are None with too few pairs.
    """

    pairs_ns: Pairs
    baseline_ms: float
    candidate_ms: float
    ratio: float
    interval: tuple[float, float] | None
    percentiles: tuple[Percentile, ...]

    @property
    def ratio_of_medians(self) -> float:
        """The candidate's median over the baseline's."""
        return self.candidate_ms / self.baseline_ms


def race(pairs_ns: Sequence[tuple[float, float]], alpha: float | None) -> Race:
    """Judge (baseline, candidate) times in nanoseconds, octet by octet, first the two pairs of ABBA, then of BAAB.

    The intervals miss the truth with probability `alpha` at most; None: no intervals. Last pairs that make no octet do
    not count, nor does an octet whose eight times were there before: nobody measures the same nanoseconds twice.
    ValueError when no octet is left or a time is not a positive finite number.

    By hand: (10, 11), (10, 12.1) is a quad of sqrt(1.1 * 1.21) = 1.1537, (10, 10), (10, 10) one of 1; the octet of both
    has the ratio sqrt(1.1537 * 1) = 1.0741.
    """
    counted = distinct_pairs(pairs_ns)
    times_ns = np.array(counted, dtype=np.float64)
    baseline_ms, candidate_ms = (np.median(times_ns, axis=0) / _NS_PER_MS).tolist()
    quads = np.log(times_ns[:, 1] / times_ns[:, 0]).reshape(-1, 2).mean(axis=1)
    baseline_outer, candidate_outer = quads[::2], quads[1::2]
    interval = None if alpha is None else centre_interval(baseline_outer, candidate_outer, alpha)
    return Race(
        pairs_ns=counted,
        baseline_ms=baseline_ms,
        candidate_ms=candidate_ms,
        ratio=float(np.exp(hodges_lehmann(baseline_outer, candidate_outer))),
        interval=None if interval is None else (float(np.exp(interval[0])), float(np.exp(interval[1]))),
        percentiles=tuple(percentile([after / _NS_PER_MS for _, after in counted], share, alpha) for share in FLOORS),
    )


def race_under(rule: LatencyRule | None, pairs_ns: Sequence[tuple[float, float]]) -> Race:
    """The race as a policy looks at it: its pairs up to the last look that they reached, at that look's `alpha`.

    Before the first look there is no interval; without a rule all pairs count, at the usual confidence. ValueError as
    in `race`.
    """
    if rule is None:
        return race(pairs_ns, 1 - DEFAULT_CONFIDENCE)
    counted = distinct_pairs(pairs_ns)
    look = look_reached(looks_of(rule), len(counted))
    return race(counted, None) if look is None else race(counted[: look.pairs], look.alpha)


def distinct_pairs(pairs_ns: Sequence[tuple[float, float]]) -> Pairs:
    """The pairs of whole octets, in their order, each octet once; ValueError as in `race`."""
    _check(pairs_ns)
    octets = dict.fromkeys(
        zip(*(map(tuple, pairs_ns[place::OCTET_PAIRS]) for place in range(OCTET_PAIRS)), strict=False)
    )
    if not octets:
        raise ValueError("no octet of times was taken")
    return tuple(pair for octet in octets for pair in octet)


def _check(pairs_ns: Sequence[tuple[float, float]]) -> None:
    try:
        times_ns = np.array([(float(before), float(after)) for before, after in pairs_ns], dtype=np.float64)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"times must be numbers of nanoseconds ({error})") from error
    if len(times_ns) == 0:
        raise ValueError("no pair of times was taken")
    bad = np.flatnonzero(~((times_ns > 0) & np.isfinite(times_ns)).all(axis=1))
    if len(bad):
        before, after = times_ns[bad[0]].tolist()
        raise ValueError(
            f"{len(bad)} of {len(times_ns)} pairs hold a time that is not positive and finite; "
            f"pair {bad[0]}: baseline {before:g} ns, candidate {after:g} ns"
        )
