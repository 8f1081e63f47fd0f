"""Percentiles of times, told only from samples that are enough for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FLOORS = {0.5: 12, 0.9: 64, 0.99: 662}
"""How many samples a percentile takes. Source: MLPerf's inference rules, early stopping, for 0.9 and 0.99; with fewer
the largest sample lies below the percentile too often to bound it."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """One percentile of `n` times in milliseconds: `value_ms` None below its floor, `interval` where there is one."""

    share: float
    n: int
    value_ms: float | None
    interval: tuple[float, float] | None


def floor_of(share: float) -> int:
    """The least samples for the percentile `share` (0.5, 0.9 or 0.99)."""
    return FLOORS[share]


def percentile(times_ms: Sequence[float], share: float, alpha: float | None) -> Percentile:
    """The smallest time that a `share` of all times does not exceed, and its interval.

    It misses the truth with probability `alpha` at most; None: no interval. It goes from the l-th to the u-th
    smallest time, l the largest with P(X <= l - 1) <= alpha / 2, u the smallest with P(X >= u) <= alpha / 2, X
    binomial(n, share): whatever the times' distribution. Source: David and Nagaraja 2003, Order Statistics, section
    7.1. It takes the times for independent.

    By hand: the median of 12 times at alpha 0.05. P(X <= 2) = 79 / 4096 = 0.0193, P(X <= 3) = 0.073: l = 3, u = 10.
    """
    n = len(times_ms)
    if n < floor_of(share):
        return Percentile(share, n, None, None)
    ordered = np.sort(np.asarray(times_ms, dtype=np.float64))
    value = float(ordered[math.ceil(share * n - 1e-9) - 1])
    low, high = (0, 0) if alpha is None else _places(n, share, alpha)
    within = low >= 1 and high <= n
    return Percentile(share, n, value, (float(ordered[low - 1]), float(ordered[high - 1])) if within else None)


def _places(n: int, share: float, alpha: float) -> tuple[int, int]:
    from scipy.special import bdtr, bdtrc

    counts = np.arange(n + 1)
    low = int(np.count_nonzero(bdtr(counts, n, share) <= alpha / 2))
    high = n + 1 - int(np.count_nonzero(bdtrc(counts, n, share) <= alpha / 2)) + 1
    return low, high
