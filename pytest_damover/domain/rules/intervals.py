"""Deciding by an interval: PASS when all of it clears the limit, FAIL when none of it does, else INCONCLUSIVE."""

from __future__ import annotations

import math
from statistics import NormalDist

from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.scoring.significance import minimum_detectable_change, standard_error_of
from pytest_damover.domain.verdict import Answer

Interval = tuple[float, float]

REASONS = {
    Answer.PASS: Reason.WITHIN_LIMIT,
    Answer.FAIL: Reason.OVER_LIMIT,
    Answer.INCONCLUSIVE: Reason.UNDECIDED,
}


def at_least(interval: Interval, limit: float) -> Answer:
    """Is the true value at least `limit`? An interval or a limit that is not finite is FAIL."""
    low, high = interval
    if not (is_number(low) and is_number(high) and is_number(limit)):
        return Answer.FAIL
    if low >= limit:
        return Answer.PASS
    return Answer.FAIL if high < limit else Answer.INCONCLUSIVE


def at_most(interval: Interval, limit: float) -> Answer:
    """Is the true value at most `limit`? An interval or a limit that is not finite is FAIL."""
    low, high = interval
    if not (is_number(low) and is_number(high) and is_number(limit)):  # before a minus makes a number of True
        return Answer.FAIL
    return at_least((-high, -low), -limit)


def is_number(value: object) -> bool:
    """True for a finite int or float only: None, NaN, infinity and anything else prove nothing."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def number_or_none(value: float | None) -> float | None:
    """`value` when it is finite, else None, for JSON has no word for NaN."""
    return value if is_number(value) else None


def numbers_or_none(interval: Interval | None) -> Interval | None:
    """`interval` when both ends are finite, else None."""
    return interval if interval is not None and all(is_number(end) for end in interval) else None


def p_not_below(
    value: float | None, interval: Interval | None, limit: float | None, confidence: float | None
) -> float | None:
    """One-sided p-value of "the true value is below `limit`", as the half of `interval` that faces the limit says it.

    It is (1 - confidence) / 2 where the interval ends at the limit, and beyond it as in a normal distribution of that
    half's width, for no number of draws shows the far tail. None without such a half: where every draw said the same
    there is no chance to correct for.
    """
    if interval is None or value is None or limit is None or confidence is None:
        return None
    facing = interval[1] - value if value < limit else value - interval[0]
    if not (is_number(facing) and facing > 0):
        return None
    normal = NormalDist()
    distance = (limit - value) / facing * normal.inv_cdf((1 + confidence) / 2)
    return 1 - normal.cdf(distance)


def detectable(interval: Interval | None, confidence: float | None) -> float | None:
    """The least true change that an interval so wide would have shown, see `minimum_detectable_change`."""
    if interval is None or confidence is None:
        return None
    return minimum_detectable_change(standard_error_of(interval, confidence), confidence)


def needed_to_decide(value: float, interval: Interval, limit: float, n: int) -> int | None:
    """About how many images or pairs would decide if `value` stays, to two digits; None when `value` is the limit.

    The half of the interval that faces the limit shrinks with the square root of the number.
    """
    facing = value - interval[0] if value > limit else interval[1] - value
    gap = abs(value - limit)
    if not (gap > 0 and facing > 0):
        return None
    needed = n * (facing / gap) * (facing / gap)
    if not needed < 1e12:
        return None
    step: int = 10 ** max(0, math.floor(math.log10(max(needed, 1))) - 1)
    return max(n + 1, math.ceil(needed / step) * step)
