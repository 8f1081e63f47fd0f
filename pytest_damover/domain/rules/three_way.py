"""The one way from a value, its interval and a limit to a finding: for AP, recall, precision and their floors."""

from __future__ import annotations

from dataclasses import replace

from pytest_damover.domain.rules.intervals import (
    REASONS,
    Interval,
    at_least,
    detectable,
    needed_to_decide,
    numbers_or_none,
)
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.verdict import Answer, Finding

WORDS = {
    Answer.PASS: "clears it",
    Answer.FAIL: "violates it",
    Answer.INCONCLUSIVE: "does not decide",
}


def three_way(
    draft: Finding, value: float, interval: Interval | None, limit_text: str, subject: str, counted: str = ""
) -> Finding:
    """PASS when the whole interval is at or over the draft's limit, FAIL when all of it is below, else INCONCLUSIVE.

    `value` is finite; `limit_text`, `subject` and `counted` (how it was counted) are put into the message.
    """
    sign = "" if draft.rule.endswith(".minimum") else "+"
    numbers = f"{subject} {value:{sign}.3f}"
    if draft.baseline is not None and draft.candidate is not None:
        numbers += f" ({draft.baseline:.3f} to {draft.candidate:.3f})"
    numbers += f", {counted}" if counted else ""
    if interval is None:
        message = f"{numbers}: too little data for an interval, {limit_text}"
        return replace(draft, verdict=Answer.INCONCLUSIVE, reason=Reason.NO_INTERVAL.value, message=message)
    message = f"{numbers}, interval [{interval[0]:{sign}.3f}, {interval[1]:{sign}.3f}], {limit_text}"
    finite = numbers_or_none(interval)
    if finite is None or draft.limit is None:
        return replace(draft, verdict=Answer.FAIL, reason=Reason.NOT_FINITE.value, message=message)
    answer = at_least(finite, draft.limit)
    message += f": the interval {WORDS[answer]}"
    if answer is Answer.INCONCLUSIVE:
        message += _more_images(value, finite, draft.limit, draft.n or 0)
    told = replace(draft, verdict=answer, reason=REASONS[answer].value, message=message, interval=finite)
    return replace(told, detectable=detectable(finite, told.confidence))


def grouped(finding: Finding, images: int, groups: int | None) -> Finding:
    """Says in how many groups the images come, where cases name one: few groups are little evidence."""
    if groups is None:
        return finding
    told = f"{groups} group" + "s" * (groups != 1)
    return replace(finding, message=f"{finding.message}; {images} images in {told}")


def _more_images(value: float, interval: Interval, limit: float, images: int) -> str:
    needed = needed_to_decide(value, interval, limit, images)
    if needed is None:
        return "; the value lies on the limit, more images alone may not decide"
    return f"; about {needed} images like these {images} would, if the value stays"
