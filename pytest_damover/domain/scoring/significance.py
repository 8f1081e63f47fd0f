"""p-values and what a number of images can show: McNemar, Holm, the minimum detectable change.

A p-value says how often chance alone would show at least as much; it is information beside the intervals that decide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

DEFAULT_POWER = 0.8

_SMALLEST_TOLD = 0.0001


def mcnemar(regressions: int, fixes: int) -> float | None:
    """Exact two-sided p-value of cases that changed sides; None when none did (no data is no evidence).

    Were baseline and candidate equally good, a case that changed would be a regression or a fix like heads or tails:
    p = 2 * P(X <= min(regressions, fixes)), X binomial(regressions + fixes, 1/2), at most 1. Cases that both sides pass
    or both fail say nothing here. Source: McNemar 1947, Note on the sampling error of the difference between correlated
    proportions; the exact conditional form in Fagerland, Lydersen and Laake 2013, The McNemar test for binary
    matched-pairs data. ValueError for a negative count. It takes cases for independent, so that frames of one camera
    that fail together make it too small.

    By hand: 5 regressions and 1 fix. P(X <= 1) of 6 throws = (1 + 6) / 64, so p = 14 / 64 = 0.21875.
    """
    if not _has_changes(regressions, fixes):
        return None
    return min(1.0, 2 * _at_most_heads(min(regressions, fixes), regressions + fixes))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values adjusted for being several, in the order given: those <= alpha keep the chance of any false alarm there.

    The i-th smallest of m is multiplied by m - i + 1, never falls below the one before it, and is at most 1. Source:
    Holm 1979, A simple sequentially rejective multiple test procedure. It holds however the tests depend on each other.
    ValueError for a p-value outside 0..1.

    By hand: 0.01, 0.04, 0.03 become 3 * 0.01 = 0.03, then 2 * 0.03 = 0.06, then max(0.06, 1 * 0.04) = 0.06.
    """
    wrong = [p for p in p_values if not 0 <= p <= 1]
    if wrong:
        raise ValueError(f"a p-value lies in 0..1, found {wrong[0]}")
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    least = 0.0
    for place, index in enumerate(order):
        least = max(least, min(1.0, (len(order) - place) * p_values[index]))
        adjusted[index] = least
    return tuple(adjusted)


def p_below(draws: NDArray[np.float64], limit: float) -> float | None:
    """One-sided bootstrap p-value of "the true value is below `limit`", from `draws` of it; None without a finite draw.

    p = (1 + draws at or above the limit) / (1 + draws): the level at which the one-sided percentile interval begins to
    lie below the limit, with the value itself counted as one draw, so that p is never 0. Undefined draws (NaN) are left
    out. Source: Davison and Hinkley 1997, Bootstrap Methods and their Application, chapter 4.

    By hand: draws -0.05, -0.04, -0.03, -0.01 against -0.02: one is not below, p = (1 + 1) / (1 + 4) = 0.4.
    """
    defined = draws[np.isfinite(draws)]
    if len(defined) == 0 or not math.isfinite(limit):
        return None
    return float((1 + np.count_nonzero(defined >= limit)) / (1 + len(defined)))


def minimum_detectable_change(standard_error: float, confidence: float, power: float = DEFAULT_POWER) -> float:
    """The true change that an interval at two-sided `confidence` would tell from none with probability `power`.

    (z((1 + confidence) / 2) + z(power)) * `standard_error`, z the normal quantile, in the unit of the error. Source:
    Bloom 1995, Minimum detectable effects. ValueError for shares outside 0..1 (both ends excluded).

    By hand: error 0.01 at 95 % and power 0.8: (1.960 + 0.842) * 0.01 = 0.0280. A change of 2.8 points would be shown.
    """
    return (_two_sided_quantile(confidence) + NormalDist().inv_cdf(power)) * standard_error


def standard_error_of(interval: tuple[float, float], confidence: float) -> float:
    """The standard error that a normal `interval` at two-sided `confidence` would have come from.

    By hand: [-0.0196, 0.0196] at 95 % is 0.0392 / (2 * 1.960) = 0.01.
    """
    low, high = interval
    return (high - low) / (2 * _two_sided_quantile(confidence))


def wilson_interval(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided interval of a share of which `count` in `of` was seen: 0..1 when nothing was looked at.

    Centre (count + z² / 2) / (of + z²), half width z / (of + z²) * sqrt(count * (of - count) / of + z² / 4). Source:
    Wilson 1927, Probable inference, the law of succession, and statistical inference. ValueError unless
    0 <= count <= of.

    By hand: 0 of 50 at 95 %: z² = 3.8415, centre = half width = 1.9207 / 53.8415 = 0.03567: from 0 to 0.0713.
    """
    if not 0 <= count <= of:
        raise ValueError(f"a count lies in 0..{of}, found {count}")
    if of == 0:
        return 0.0, 1.0
    z = _two_sided_quantile(confidence)
    centre = (count + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * math.sqrt(count * (of - count) / of + z * z / 4)
    return max(0.0, centre - half), min(1.0, centre + half)


def p_text(p: float) -> str:
    """A p-value as a reader sees it: "= 0.219", "< 0.0001"."""
    return f"= {p:.3g}" if p >= _SMALLEST_TOLD else f"< {_SMALLEST_TOLD}"


def _two_sided_quantile(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _has_changes(regressions: int, fixes: int) -> bool:
    if not (regressions >= 0 and fixes >= 0):
        raise ValueError(f"counts of cases are 0 or more, found {regressions} regressions and {fixes} fixes")
    return regressions + fixes > 0


def _at_most_heads(heads: int, throws: int) -> float:
    """P(X <= heads), X binomial(throws, 1/2), in whole numbers: exact for any number of throws."""
    total = ways = 1
    for taken in range(heads):
        ways = ways * (throws - taken) // (taken + 1)
        total += ways
    share: float = total / (1 << throws)
    return share
