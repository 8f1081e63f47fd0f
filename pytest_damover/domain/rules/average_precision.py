"""Rules `ap50` and `ap`: non-inferiority of the whole suite and of slices; `.minimum`: the absolute floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_damover.domain.comparing.comparison import SliceComparison
from pytest_damover.domain.policy import ApRule, At
from pytest_damover.domain.rules.intervals import Interval, is_number, number_or_none, p_not_below
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.rules.three_way import grouped, three_way
from pytest_damover.domain.scoring.significance import holm, p_text
from pytest_damover.domain.verdict import Answer, Finding

NAMES = {"ap50": "AP50", "ap": "AP50:95"}


def judge_non_inferiority(judged: JudgedSuite) -> tuple[Finding, ...]:
    """The candidate may lose at most the margin; PASS when the whole interval says so.

    FAIL of a slice takes more: with several slices one of them looks bad by chance, so its p-value is corrected for
    their number (Holm). PASS takes no correction, for every slice must pass. Nothing without a baseline or a rule.
    """
    if judged.alone:
        return ()
    findings: list[Finding] = []
    for metric, rule in judged.limits.aps.items():
        if rule.margin is not None:
            findings.append(_non_inferior(judged, metric, rule, None, rule.margin))
        if rule.relative_margin is not None:
            findings.append(_non_inferior_relative(judged, metric, rule, rule.relative_margin))
        slices = [_non_inferior(judged, metric, rule, name, margin) for name, margin in rule.slices.items()]
        findings += _corrected(slices)
    return tuple(findings)


def judge_minimum(judged: JudgedSuite) -> tuple[Finding, ...]:
    """The candidate's own AP over the whole suite against the floor, by the candidate's own interval."""
    return tuple(
        _at_least_minimum(judged, metric, rule, rule.minimum)
        for metric, rule in judged.limits.aps.items()
        if rule.minimum is not None
    )


def _at_least_minimum(judged: JudgedSuite, metric: str, rule: ApRule, minimum: float) -> Finding:
    compared = judged.slice(metric, None)
    draft = replace(_draft(judged, metric, rule, compared, None), limit=number_or_none(minimum))
    draft = replace(draft, rule=f"{metric}.minimum")
    if compared is None:
        return _without_numbers(draft, None, "no case with ground truth ran")
    own, interval = compared.candidate, compared.candidate_interval
    return _judged(replace(draft, baseline=None), compared, own, interval, f"floor {minimum:.3f}")


def _non_inferior(judged: JudgedSuite, metric: str, rule: ApRule, name: str | None, margin: float) -> Finding:
    compared = judged.slice(metric, name)
    draft = replace(_draft(judged, metric, rule, compared, name), limit=number_or_none(-margin))
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
    return _judged(draft, compared, compared.difference, compared.interval, f"margin {margin:.3f}")


def _non_inferior_relative(judged: JudgedSuite, metric: str, rule: ApRule, margin: float) -> Finding:
    compared = judged.slice(metric, None)
    draft = replace(_draft(judged, metric, rule, compared, None), limit=number_or_none(-margin))
    draft = replace(draft, rule=f"{metric}.relative")
    if compared is None:
        return _without_numbers(draft, None, "no case with ground truth ran")
    if compared.ratio is None:
        return _without_numbers(draft, None, "there is no ground truth, or the baseline finds none of it")
    interval = (
        None if compared.ratio_interval is None else (compared.ratio_interval[0] - 1, compared.ratio_interval[1] - 1)
    )
    return _judged(draft, compared, compared.ratio - 1, interval, f"margin {margin:.3f} of the baseline's")


def _corrected(findings: Sequence[Finding]) -> list[Finding]:
    """A slice that violates its margin alone, but not among so many that were looked at, is undecided."""
    tried = {
        place: p
        for place, one in enumerate(findings)
        if (p := p_not_below(one.value, one.interval, one.limit, one.confidence)) is not None
    }
    adjusted = dict(zip(tried, holm(tuple(tried.values())), strict=True))
    return [_after_holm(one, adjusted.get(place), len(tried)) for place, one in enumerate(findings)]


def _after_holm(finding: Finding, p: float | None, tried: int) -> Finding:
    if finding.reason != Reason.OVER_LIMIT.value or p is None or finding.confidence is None:
        return finding
    if p <= (1 - finding.confidence) / 2:
        return finding
    told = f"among {tried} slices that is no proof (Holm: p {p_text(p)})"
    return replace(
        finding,
        verdict=Answer.INCONCLUSIVE,
        reason=Reason.UNDECIDED_AMONG_SLICES.value,
        message=f"{finding.message}; {told}",
    )


def _judged(
    draft: Finding, compared: SliceComparison, value: float | None, interval: Interval | None, limit_text: str
) -> Finding:
    draft = replace(draft, value=number_or_none(value))
    if value is None or not is_number(value):
        told = _without_numbers(draft, value, "there is no ground truth to measure it on")
    else:
        told = three_way(draft, value, interval, limit_text, _subject(draft))
    return grouped(told, compared.images, compared.groups)


def _without_numbers(draft: Finding, value: float | None, why: str) -> Finding:
    if value is None:
        message = f"{_subject(draft)}: no data, {why}"
        return replace(draft, verdict=Answer.INCONCLUSIVE, reason=Reason.NO_DATA.value, message=message)
    side = "candidate" if draft.candidate is None else "baseline"
    message = f"{_subject(draft)} is not a number: the {side}'s detections of an image are missing or unreadable"
    return replace(draft, verdict=Answer.FAIL, reason=Reason.NOT_FINITE.value, message=message)


def _subject(draft: Finding) -> str:
    metric, _, kind = draft.rule.partition(".")
    what = {"": f"{NAMES[metric]} difference", "relative": f"{NAMES[metric]} change"}.get(kind, NAMES[metric])
    return what if draft.slice is None else f"{what} in slice {draft.slice}"


def _draft(
    judged: JudgedSuite, metric: str, rule: ApRule, compared: SliceComparison | None, name: str | None
) -> Finding:
    return Finding(
        rule=metric,
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
        at=At.NATIVE.value,
    )
