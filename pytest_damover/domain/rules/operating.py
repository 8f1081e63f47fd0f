"""Rules `recall` and `precision`: non-inferiority at an operating point; `.minimum`: the absolute floor there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.comparing.measured import MeasuredImages, measured_images
from pytest_damover.domain.policy import At, OperatingRule
from pytest_damover.domain.rules.intervals import Interval, number_or_none
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.rules.three_way import grouped, three_way
from pytest_damover.domain.scoring.matching import MatchTable, match_images
from pytest_damover.domain.scoring.resampling import unit_count
from pytest_damover.domain.scoring.shares import ShareEstimate, estimate_share, precision_share, recall_share
from pytest_damover.domain.verdict import Answer, Finding

IOU_THRESHOLD = 0.5
SHARES = {"recall": recall_share, "precision": precision_share}


def judge_operating(judged: JudgedSuite) -> tuple[Finding, ...]:
    """Each metric's margin by the interval of the difference, nothing without a baseline, and its floor by its own."""
    rules = judged.limits.operating
    if not rules:
        return ()
    images = measured_images(judged.run, judged.comparison, judged.suite.name)
    estimates = estimate_operating(images, rules)
    return tuple(
        finding for metric, rule in rules.items() for finding in _judge(judged, images, metric, rule, estimates[metric])
    )


def estimate_operating(images: MeasuredImages, rules: Mapping[str, OperatingRule]) -> dict[str, ShareEstimate]:
    """What `rules` ask about, by metric; an image is matched once for all of them."""
    after = match_images(images.truths, images.candidate, IOU_THRESHOLD)
    before = None if images.baseline is None else match_images(images.truths, images.baseline, IOU_THRESHOLD)
    return {metric: _estimate(images, metric, rule, before, after) for metric, rule in rules.items()}


def _estimate(
    images: MeasuredImages, metric: str, rule: OperatingRule, before: MatchTable | None, after: MatchTable
) -> ShareEstimate:
    threshold, share = _threshold(images, rule.at), SHARES[metric]
    baseline = None if before is None else share(before, threshold)
    return estimate_share(baseline, share(after, threshold), rule.confidence, rule.resamples, rule.seed, images.groups)


def _threshold(images: MeasuredImages, at: At | float) -> float | NDArray[np.float64]:
    if at is At.CASE:
        return images.thresholds
    if at is At.NATIVE:
        return 0.0
    return images.shared_cut if at is At.SHARED else float(at)


def _judge(
    judged: JudgedSuite, images: MeasuredImages, metric: str, rule: OperatingRule, estimate: ShareEstimate
) -> Iterator[Finding]:
    draft = _draft(judged, images, metric, rule, estimate)
    if rule.margin is not None and not judged.alone:
        limited = replace(draft, value=number_or_none(estimate.difference), limit=number_or_none(-rule.margin))
        yield _judged(limited, images, estimate.interval, f"margin {rule.margin:.3f}")
    if rule.minimum is not None:
        floor = replace(draft, rule=f"{metric}.minimum", value=number_or_none(estimate.candidate), baseline=None)
        floor = replace(floor, limit=number_or_none(rule.minimum))
        yield _judged(floor, images, estimate.candidate_interval, f"floor {rule.minimum:.3f}")


def _judged(draft: Finding, images: MeasuredImages, interval: Interval | None, limit_text: str) -> Finding:
    if images.unreadable:
        sides = " and ".join(f"the {side}'s" for side in images.unreadable)
        message = f"{_subject(draft)} cannot be measured: {sides} detections of an image are missing or unreadable"
        return replace(draft, verdict=Answer.FAIL, reason=Reason.NOT_FINITE.value, message=message)
    if draft.value is None:
        return replace(draft, reason=Reason.NO_DATA.value, message=f"{_subject(draft)}: no data, {_missing(draft)}")
    told = three_way(draft, draft.value, interval, limit_text, _subject(draft), _at_words(draft.at))
    groups = None if images.groups is None else unit_count(len(images.truths), images.groups)
    return grouped(told, len(images.truths), groups)


def _missing(draft: Finding) -> str:
    if draft.n == 0:
        return "no case with ground truth ran"
    return "there is no object to find" if draft.rule.startswith("recall") else "nothing was counted on a side"


def _subject(draft: Finding) -> str:
    metric, _, kind = draft.rule.partition(".")
    return metric if kind else f"{metric} difference"


def _at_words(at: str) -> str:
    told = {
        At.CASE.value: "counted from each case's own score on",
        At.NATIVE.value: "of everything that is reported",
        At.SHARED.value: "of what both sides report",
    }
    return told.get(at, f"counted from {at} on")


def _draft(
    judged: JudgedSuite, images: MeasuredImages, metric: str, rule: OperatingRule, estimate: ShareEstimate
) -> Finding:
    return Finding(
        rule=metric,
        verdict=Answer.INCONCLUSIVE,
        reason=Reason.NO_DATA.value,
        message="",
        suite=judged.suite.name,
        baseline=number_or_none(estimate.baseline),
        candidate=number_or_none(estimate.candidate),
        confidence=number_or_none(rule.confidence),
        n=len(images.truths),
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name),
        at=rule.at.value if isinstance(rule.at, At) else f"{rule.at:g}",
    )
