"""The centre of values that noise spreads evenly to both sides, and its interval, however far it spreads.

Both read the Walsh averages: the means of all pairs of values, each value with itself too. One wild value is in few of
them, so it hardly moves what lies in their middle. Source: Hollander, Wolfe and Chicken 2014, Nonparametric Statistical
Methods, sections 3.2 and 3.3 (Hodges and Lehmann 1963; Wilcoxon 1945; Tukey 1949).
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_EXACT = 200
"""From more values than that the normal distribution stands for the exact one, which it no longer differs from."""
_HALVINGS = 200


def hodges_lehmann(values: Floats) -> float:
    """The median of the Walsh averages of `values` (one or more).

    By hand: 1, 2, 3, 10 have the averages 1, 1.5, 2, 2, 2.5, 3, 5.5, 6, 6.5, 10, whose middle is (2.5 + 3) / 2 = 2.75;
    their mean would be 4.
    """
    ordered = np.sort(values)
    averages = _averages(len(ordered))
    return (_walsh(ordered, (averages + 1) // 2) + _walsh(ordered, averages // 2 + 1)) / 2


def centre_interval(values: Floats, alpha: float) -> tuple[float, float] | None:
    """The two-sided interval of that centre which misses it with probability `alpha` at most; None with too few values.

    From the k-th smallest to the k-th largest Walsh average, k the largest with P(T <= k - 1) <= alpha / 2, T the sum
    of the ranks of positive values when each sign is heads or tails.

    By hand: 1, 2, 3, 10 at alpha 0.25. Of 16 ways to set four signs one gives T = 0 and one T = 1, so P(T <= 1) =
    2 / 16 = alpha / 2 and k = 2: from 1.5 to 6.5.
    """
    place = _place(len(values), alpha)
    if place < 1:
        return None
    ordered = np.sort(values)
    return _walsh(ordered, place), _walsh(ordered, _averages(len(ordered)) + 1 - place)


def least_values(alpha: float) -> int:
    """How many values an interval at `alpha` takes: the fewest n with 2^-n <= alpha / 2. By hand: 6 at 0.05."""
    return math.ceil(-math.log2(alpha / 2) - 1e-9)


def _averages(count: int) -> int:
    return count * (count + 1) // 2


@lru_cache(maxsize=64)
def _place(count: int, alpha: float) -> int:
    if count > MOST_EXACT:
        mean, spread = count * (count + 1) / 4, math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
        return math.floor(mean - NormalDist().inv_cdf(1 - alpha / 2) * spread + 0.5)
    chances = np.ones(1)
    for rank in range(1, count + 1):
        chances = np.append(chances, np.zeros(rank)) / 2 + np.append(np.zeros(rank), chances) / 2
    return int(np.searchsorted(np.cumsum(chances), alpha / 2 * (1 + 1e-12), side="right"))


def _walsh(ordered: Floats, place: int) -> float:
    """The `place`-th smallest Walsh average (from 1), by halving: 50,000 values have a billion of them."""
    low, high = float(ordered[0]), float(ordered[-1])
    before = np.arange(len(ordered))
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        ends = np.searchsorted(ordered, 2 * middle - ordered, side="right")
        if int(np.maximum(ends - before, 0).sum()) >= place:
            high = middle
        else:
            low = middle
    return low if _at_most(ordered, low) >= place else high


def _at_most(ordered: Floats, value: float) -> int:
    ends = np.searchsorted(ordered, 2 * value - ordered, side="right")
    return int(np.maximum(ends - np.arange(len(ordered)), 0).sum())
