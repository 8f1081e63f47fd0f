"""The race: how much longer the candidate takes than the baseline, from times taken in turn.

The pairs were run in the order ABBA: baseline first in one pair, candidate first in the next. Two such pairs make a
quad, and the mean of their log ratios is free of what running second costs. Ratio: the median over quads of that
mean, so that single disturbed images do not decide. Interval: percentile bootstrap that draws whole quads, for the log
ratios of neighbouring pairs are correlated (about -0.4 was measured), and drawing pairs alone would misjudge the
spread (Künsch 1989, The jackknife and the bootstrap for general stationary observations).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_QUADS = 4
"""Fewer quads give no interval."""

_NS_PER_MS = 1e6
_NUMBERS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Race:
    """Median milliseconds an image of both sides, the ratio candidate over baseline and its interval."""

    baseline_ms: float
    candidate_ms: float
    ratio: float
    interval: tuple[float, float] | None


def race(pairs_ns: Sequence[tuple[float, float]], confidence: float, resamples: int, seed: int) -> Race:
    """Judge (baseline, candidate) times in nanoseconds, in the order in which they were run.

    The interval is two-sided at `confidence`, None with fewer than `MIN_QUADS` quads; a last pair without a partner
    stands for a quad. ValueError when there are no pairs or a time is not a positive finite number.
    """
    times_ns = _checked(pairs_ns)
    baseline_ms, candidate_ms = (np.median(times_ns, axis=0) / _NS_PER_MS).tolist()
    quads = _quad_log_ratios(times_ns)
    ratio = float(np.exp(np.median(quads)))
    if len(quads) < MIN_QUADS:
        return Race(baseline_ms, candidate_ms, ratio, None)
    medians = _bootstrap_medians(quads, resamples, np.random.default_rng(seed))
    low, high = np.exp(np.quantile(medians, ((1 - confidence) / 2, (1 + confidence) / 2)))
    return Race(baseline_ms, candidate_ms, ratio, (float(low), float(high)))


def _checked(pairs_ns: Sequence[tuple[float, float]]) -> Floats:
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
    return times_ns


def _quad_log_ratios(times_ns: Floats) -> Floats:
    log_ratios = np.log(times_ns[:, 1] / times_ns[:, 0])
    starts = np.arange(0, len(log_ratios), 2)
    sizes = np.diff(np.append(starts, len(log_ratios)))
    means: Floats = np.add.reduceat(log_ratios, starts) / sizes
    return means


def _bootstrap_medians(values: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    at_once = max(1, _NUMBERS_AT_ONCE // len(values))
    sizes = [min(at_once, resamples - start) for start in range(0, resamples, at_once)]
    return np.concatenate(
        [np.median(values[rng.integers(0, len(values), size=(size, len(values)))], axis=1) for size in sizes]
    )
