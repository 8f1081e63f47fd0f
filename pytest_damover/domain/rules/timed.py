"""The one way from a time or a ratio of times, its interval and a limit to a finding."""

from __future__ import annotations

from dataclasses import replace

from pytest_damover.domain.rules.intervals import (
    REASONS,
    Interval,
    at_least,
    at_most,
    is_number,
    needed_to_decide,
)
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.verdict import Answer, Finding

SHARED = "other compute processes were on the GPU during the race: its times show nothing"
WORDS = {
    Answer.PASS: "stays within it",
    Answer.FAIL: "violates it",
    Answer.INCONCLUSIVE: "does not decide",
}


def within_most(draft: Finding, said: str, value: float, interval: Interval, limit: float) -> Finding:
    """`draft` answered: PASS when the whole interval lies at or under `limit`, the most there may be."""
    needed = needed_to_decide(-value, (-interval[1], -interval[0]), -limit, draft.n or 0)
    return _answered(draft, said, interval, limit, at_most(interval, limit), needed)


def within_least(draft: Finding, said: str, value: float, interval: Interval, limit: float) -> Finding:
    """`draft` answered: PASS when the whole interval lies at or over `limit`, the least there may be."""
    needed = needed_to_decide(value, interval, limit, draft.n or 0)
    return _answered(draft, said, interval, limit, at_least(interval, limit), needed)


def _answered(
    draft: Finding, said: str, interval: Interval, limit: float, answer: Answer, needed: int | None
) -> Finding:
    is_finite = all(map(is_number, (*interval, limit)))
    reason = REASONS[answer] if is_finite else Reason.NOT_FINITE
    message = (
        f"{said}, interval [{interval[0]:.3f}, {interval[1]:.3f}], limit {limit:.3f}: the interval {WORDS[answer]}"
    )
    if answer is Answer.INCONCLUSIVE and needed is not None:
        message += f"; about {needed} pairs would, if it stays"
    return replace(draft, verdict=answer, reason=reason.value, message=message)
