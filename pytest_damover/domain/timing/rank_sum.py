"""How far two samples that noise spreads alike lie apart, and the interval of that, however far it spreads.

Both read the sums of all pairs of values, one of each sample. One wild value is in few of them, so it hardly moves what
lies in their middle. Nothing is asked of the noise but that it is the same in both. Source: Hollander, Wolfe and
Chicken 2014, Nonparametric Statistical Methods, sections 4.2 and 4.3 (Hodges and Lehmann 1963; Mann and Whitney 1947;
Moses 1965), for the shift between the one sample and the other with its sign turned.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_EXACT = 80
"""From samples larger than that the normal distribution stands for the exact one, which it no longer differs from."""
_HALVINGS = 200


def hodges_lehmann(first: Floats, second: Floats) -> float:
    """The middle of the means (a + b) / 2 of all pairs of values, `first` and `second` of one or more each.

    Where the values of `first` are the truth and what a place costs, those of `second` the truth less what it costs, it
    is the truth.

    By hand: 1, 3 and 0, 2, 20 have the means 0.5, 1.5, 1.5, 2.5, 10.5, 11.5, whose middle is (1.5 + 2.5) / 2 = 2.
    """
    ordered, other = np.sort(first), np.sort(second)
    means = len(ordered) * len(other)
    return (_mean_at(ordered, other, (means + 1) // 2) + _mean_at(ordered, other, means // 2 + 1)) / 2


def centre_interval(first: Floats, second: Floats, alpha: float) -> tuple[float, float] | None:
    """The two-sided interval of that middle which misses it with probability `alpha` at most; None with too few values.

    Both samples are equally large, n. From the k-th smallest to the k-th largest mean, k the largest with
    P(U <= k - 1) <= alpha / 2, U the number of pairs in which the value of one sample is the larger, when all orders of
    2n values are equally likely.

    By hand: 1, 3 and 0, 2 at alpha 1/3. Of 6 orders one gives U = 0, so P(U <= 0) = 1 / 6 = alpha / 2 and k = 1: from
    0.5 to 2.5.
    """
    if len(first) != len(second):
        raise ValueError(f"samples of {len(first)} and {len(second)} values, not equally many")
    place = _place(len(first), alpha)
    if place < 1:
        return None
    ordered, other = np.sort(first), np.sort(second)
    return _mean_at(ordered, other, place), _mean_at(ordered, other, len(first) ** 2 + 1 - place)


def least_values(alpha: float) -> int:
    """How many values of each sample an interval at `alpha` takes. By hand: 4 at 0.05, for 1 / (8 over 4) <= 0.025."""
    count = 1
    while 1 / math.comb(2 * count, count) > alpha / 2 * (1 + 1e-12):
        count += 1
    return count


@lru_cache(maxsize=64)
def _place(count: int, alpha: float) -> int:
    if count > MOST_EXACT:
        mean, spread = count**2 / 2, math.sqrt(count**2 * (2 * count + 1) / 12)
        return math.floor(mean - NormalDist().inv_cdf(1 - alpha / 2) * spread + 0.5)
    return int(np.searchsorted(np.cumsum(_chances(count)), alpha / 2 * (1 + 1e-12), side="right"))


@lru_cache(maxsize=64)
def _chances(count: int) -> Floats:
    """P(U = 0), P(U = 1), ...: of i and j values the largest is among the i with chance i / (i + j) and beats all j."""
    row = [np.ones(1)] * (count + 1)
    for i in range(1, count + 1):
        above, row = row, [np.ones(1)]
        for j in range(1, count + 1):
            chances = np.zeros(i * j + 1)
            chances[j:] += above[j] * i / (i + j)
            chances[: len(row[-1])] += row[-1] * j / (i + j)
            row.append(chances)
    return row[-1]


def _mean_at(ordered: Floats, other: Floats, place: int) -> float:
    """The `place`-th smallest mean (from 1) of two sorted samples, by halving: 50,000 values of each have billions."""
    low, high = float(ordered[0] + other[0]) / 2, float(ordered[-1] + other[-1]) / 2
    if _at_most(ordered, other, low) >= place:
        return low
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        if _at_most(ordered, other, middle) >= place:
            high = middle
        else:
            low = middle
    return high


def _at_most(ordered: Floats, other: Floats, value: float) -> int:
    """How many means are `value` or less; sums are compared as they are made, for differences round otherwise."""
    return int(np.searchsorted(other, 2 * value - ordered, side="right").sum())
