"""The race: how much longer the candidate takes than the baseline, from times taken in turn.

The pairs were run in the order ABBA: baseline first in one pair, candidate first in the next. Two such pairs make a
quad, and the mean of their log ratios is free of steady drift and of what running second costs. Quads, for the log
ratios of neighbouring pairs are correlated (about -0.4 was measured), and pairs alone would misjudge the spread.
Ratio: the Hodges-Lehmann centre of the quads; interval: that of the signed ranks (`signed_rank`). How often it holds
the truth, beside bootstraps of the same quads: `benchmarks/latency_coverage.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.looks import look_reached, looks_of
from pytest_damover.domain.percentiles import FLOORS, Percentile, percentile
from pytest_damover.domain.policy_costs import DEFAULT_CONFIDENCE, LatencyRule
from pytest_damover.domain.signed_rank import centre_interval, hodges_lehmann

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
    """Judge (baseline, candidate) times in nanoseconds, in the order in which they were run.

    The intervals miss the truth with probability `alpha` at most; None: no intervals. A last pair without a partner
    does not count, nor does a quad whose four times were there before: nobody measures the same nanoseconds twice.
    ValueError when no quad is left or a time is not a positive finite number.

    By hand: (10, 11), (10, 12.1) is one quad with the ratio sqrt(1.1 * 1.21) = 1.1537.
    """
    counted = distinct_pairs(pairs_ns)
    times_ns = np.array(counted, dtype=np.float64)
    baseline_ms, candidate_ms = (np.median(times_ns, axis=0) / _NS_PER_MS).tolist()
    quads = np.log(times_ns[:, 1] / times_ns[:, 0]).reshape(-1, 2).mean(axis=1)
    interval = None if alpha is None else centre_interval(quads, alpha)
    return Race(
        pairs_ns=counted,
        baseline_ms=baseline_ms,
        candidate_ms=candidate_ms,
        ratio=float(np.exp(hodges_lehmann(quads))),
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
    """The pairs of whole quads, in their order, each quad once; ValueError as in `race`."""
    _check(pairs_ns)
    quads = dict.fromkeys(zip(map(tuple, pairs_ns[::2]), map(tuple, pairs_ns[1::2]), strict=False))
    if not quads:
        raise ValueError("no quad of times was taken")
    return tuple(pair for quad in quads for pair in quad)  # type: ignore[misc]


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
