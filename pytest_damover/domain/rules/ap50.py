"""Rules `ap50` (non-inferiority, whole suite and slices) and `ap50.minimum` (absolute floor)."""

from __future__ import annotations

from dataclasses import replace

from pytest_damover.domain.comparison import SliceComparison
from pytest_damover.domain.policy import Ap50Rule
from pytest_damover.domain.rules.intervals import (
    REASONS,
    at_least,
    is_number,
    needed_to_decide,
    number_or_none,
    numbers_or_none,
)
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.verdict import Answer, Finding

WORDS = {
    Answer.PASS: "clears it",
    Answer.FAIL: "violates it",
    Answer.INCONCLUSIVE: "does not decide",
}


def judge_ap50(judged: JudgedSuite) -> tuple[Finding, ...]:
    """Non-inferiority: the candidate may lose at most the margin; PASS when the whole interval says so.

    Nothing without a baseline or without the rule.
    """
    rule = judged.policy.ap50
    if rule is None or judged.alone:
        return ()
    whole: list[tuple[str | None, float]] = [] if rule.margin is None else [(None, rule.margin)]
    return tuple(_non_inferior(judged, rule, name, margin) for name, margin in [*whole, *rule.slices.items()])


def judge_ap50_minimum(judged: JudgedSuite) -> tuple[Finding, ...]:
    """The candidate's own AP50 over the whole suite against the floor, by the candidate's own interval."""
    rule = judged.policy.ap50
    if rule is None or rule.minimum is None:
        return ()
    compared = _slice(judged, None)
    draft = replace(_draft(judged, rule, compared, None), rule="ap50.minimum", limit=number_or_none(rule.minimum))
    if compared is None:
        return (_without_numbers(draft, None, "no case with ground truth ran"),)
    draft = replace(draft, value=number_or_none(compared.candidate), baseline=None)
    value, interval = compared.candidate, compared.candidate_interval
    return (_three_way(draft, value, interval, rule.minimum, f"floor {rule.minimum:.3f}"),)


def _non_inferior(judged: JudgedSuite, rule: Ap50Rule, name: str | None, margin: float) -> Finding:
    compared = _slice(judged, name)
    draft = replace(_draft(judged, rule, compared, name), limit=number_or_none(-margin))
    if name is not None and not judged.has_slice(name):
        message = f"no case of the suite is in the slice {name} that the policy names"
        return replace(draft, verdict=Answer.FAIL, reason=Reason.SLICE_ABSENT.value, message=message)
    if compared is None:
        return _without_numbers(draft, None, "no case with ground truth ran")
    draft = replace(draft, value=number_or_none(compared.difference))
    least = judged.policy.evidence.min_slice_images
    if name is not None and not compared.images >= least:
        message = f"{compared.images} images of the slice {name} were judged, at least {least} are needed"
        return replace(draft, verdict=Answer.INCONCLUSIVE, reason=Reason.SLICE_TOO_SMALL.value, message=message)
    return _three_way(draft, compared.difference, compared.interval, -margin, f"margin {margin:.3f}")


def _three_way(
    draft: Finding, value: float | None, interval: tuple[float, float] | None, limit: float, limit_text: str
) -> Finding:
    if value is None or not is_number(value):
        return _without_numbers(draft, value, "there is no ground truth to measure it on")
    sign = "+" if draft.rule == "ap50" else ""
    numbers = f"{_subject(draft)} {value:{sign}.3f}"
    if draft.baseline is not None and draft.candidate is not None:
        numbers += f" ({draft.baseline:.3f} to {draft.candidate:.3f})"
    if interval is None:
        message = f"{numbers}: too little data for an interval, {limit_text}"
        return replace(draft, verdict=Answer.INCONCLUSIVE, reason=Reason.NO_INTERVAL.value, message=message)
    answer = at_least(interval, limit)
    finite = numbers_or_none(interval) is not None and is_number(limit)
    reason = REASONS[answer] if finite else Reason.NOT_FINITE
    low, high = interval
    message = f"{numbers}, interval [{low:{sign}.3f}, {high:{sign}.3f}], {limit_text}: the interval {WORDS[answer]}"
    if answer is Answer.INCONCLUSIVE:
        message += _more_images(value, interval, limit, draft.n or 0)
    return replace(draft, verdict=answer, reason=reason.value, message=message, interval=numbers_or_none(interval))


def _more_images(value: float, interval: tuple[float, float], limit: float, images: int) -> str:
    needed = needed_to_decide(value, interval, limit, images)
    if needed is None:
        return "; the value lies on the limit, more images alone may not decide"
    return f"; about {needed} images like these {images} would, if the value stays"


def _without_numbers(draft: Finding, value: float | None, why: str) -> Finding:
    if value is None:
        message = f"{_subject(draft)}: no data, {why}"
        return replace(draft, verdict=Answer.INCONCLUSIVE, reason=Reason.NO_DATA.value, message=message)
    side = "candidate" if draft.candidate is None else "baseline"
    message = f"{_subject(draft)} is not a number: the {side}'s detections of an image are missing or unreadable"
    return replace(draft, verdict=Answer.FAIL, reason=Reason.NOT_FINITE.value, message=message)


def _subject(draft: Finding) -> str:
    what = "AP50 difference" if draft.rule == "ap50" else "AP50"
    return what if draft.slice is None else f"{what} in slice {draft.slice}"


def _draft(judged: JudgedSuite, rule: Ap50Rule, compared: SliceComparison | None, name: str | None) -> Finding:
    return Finding(
        rule="ap50",
        verdict=Answer.FAIL,
        reason=Reason.NOT_FINITE.value,
        message="",
        suite=judged.suite.name,
        slice=name,
        baseline=None if compared is None else number_or_none(compared.baseline),
        candidate=None if compared is None else number_or_none(compared.candidate),
        confidence=number_or_none(rule.confidence),
        n=0 if compared is None else compared.images,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name, name),
    )


def _slice(judged: JudgedSuite, name: str | None) -> SliceComparison | None:
    return next((compared for compared in judged.slices if compared.slice == name), None)
