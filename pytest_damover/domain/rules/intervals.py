"""Deciding by an interval: PASS when all of it clears the limit, FAIL when none of it does, else INCONCLUSIVE."""

from __future__ import annotations

import math

from pytest_damover.domain.rules.reasons import Reason
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
