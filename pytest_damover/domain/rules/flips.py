"""Rules `flips.*`: how many objects the candidate may lose, and how many boxes without an object it may add.

The limits are exact counts, read without an interval: AP may rise, and two broken objects of critical cases still stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_damover.domain.case import Box, Case, Severity
from pytest_damover.domain.comparing.flip_limits import NEW_SPURIOUS, flip_limits, limits_on
from pytest_damover.domain.comparing.flip_matching import Miss
from pytest_damover.domain.comparing.flips import BoxFate, ComparedImage, Fate, ObjectFlip, Sight, SpuriousBox, demanded
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.rules.intervals import number_or_none
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.plan import SHOWN, named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_cases, rerun_suite
from pytest_damover.domain.rules.waived import set_aside, told
from pytest_damover.domain.run import DETECT, PlannedRule
from pytest_damover.domain.verdict import Answer, Finding

_SEVERITIES = tuple(Severity)


def judge_flips(judged: JudgedSuite) -> tuple[Finding, ...]:
    """One finding for each limit; nothing without a baseline or without the rule."""
    rule = judged.policy.flips
    if rule is None or judged.alone:
        return ()
    return tuple(_judge(judged, planned, limit) for planned, limit in flip_limits(rule).items())


def _counted(planned: PlannedRule) -> str:
    if planned.label is not None:
        return f"objects labelled {planned.label}"
    if planned.slice is not None:
        return f"objects in slice {planned.slice}"
    return f"objects of {planned.rule.partition('.')[2]} cases"


def _concerns(planned: PlannedRule, image: ComparedImage) -> bool:
    """True when the image has an object that the limit counts, or could have a box that it counts."""
    return planned == NEW_SPURIOUS or any(
        planned in limits_on(image.case.severity, image.slices, label) for label in _labels(image.case)
    )


def _judge(judged: JudgedSuite, planned: PlannedRule, limit: int) -> Finding:
    draft, flips, cases = _draft(judged, planned, limit), judged.flips, judged.suite.cases
    if planned.slice is not None and not judged.has_slice(planned.slice):
        message = f"no case of the suite is in the slice {planned.slice} that the policy names"
        return replace(draft, reason=Reason.SLICE_ABSENT.value, message=message)
    if planned.label is not None and not any(planned.label in _labels(case) for case in cases):
        message = f"no object of the suite has the label {planned.label} that the policy names"
        return replace(draft, reason=Reason.LABEL_ABSENT.value, message=message)
    images = [] if flips is None else [image for image in flips.images if _concerns(planned, image)]
    unreadable = [image.case.name for image in images if not image.readable]
    if unreadable:
        message = f"the detections of {len(unreadable)} images are missing or unreadable: {named(unreadable)}"
        return replace(draft, reason=Reason.NOT_FINITE.value, message=message)
    if flips is None or not flips.images:
        message = "no case with ground truth ran on both sides"
        return replace(draft, verdict=Answer.INCONCLUSIVE, reason=Reason.NO_DATA.value, message=message)
    if planned == NEW_SPURIOUS:
        return _judge_boxes(judged, draft, limit, flips.boxes, len(images))
    objects = [
        flip for flip in flips.objects if planned in limits_on(flip.case.severity, flip.slices, flip.truth.label)
    ]
    return _judge_objects(judged, draft, limit, objects, _counted(planned))


def _judge_objects(
    judged: JudgedSuite, draft: Finding, limit: int, objects: Sequence[ObjectFlip], words: str
) -> Finding:
    if not objects and (draft.slice is not None or draft.label is not None):
        message = f"none of the {words} was compared"
        return replace(draft, verdict=Answer.INCONCLUSIVE, reason=Reason.NO_DATA.value, message=message)
    before = sum(flip.baseline.found for flip in objects)
    draft = replace(draft, baseline=before, candidate=sum(flip.candidate.found for flip in objects), n=len(objects))
    broken = sorted((flip for flip in objects if flip.fate is Fate.BROKEN), key=_badness)
    wrong = [(flip.case.name, _told_loss(flip)) for flip in broken]
    return _decided(judged, draft, wrong, limit, f"of the {before} {words} that the baseline finds are lost")


def _judge_boxes(judged: JudgedSuite, draft: Finding, limit: int, boxes: Sequence[SpuriousBox], images: int) -> Finding:
    before = sum(box.fate is not BoxFate.NEW for box in boxes)
    draft = replace(draft, baseline=before, candidate=sum(box.fate is not BoxFate.GONE for box in boxes), n=images)
    new = sorted((box for box in boxes if box.fate is BoxFate.NEW), key=lambda box: -(box.candidate_score or 0))
    wrong = [(box.case.name, f"{box.label} {box.candidate_score:.2f} at {_place(box.box)}") for box in new]
    return _decided(judged, draft, wrong, limit, f"boxes that stand for no object are new in {images} images")


def _decided(judged: JudgedSuite, draft: Finding, wrong: Sequence[tuple[str, str]], limit: int, what: str) -> Finding:
    """Hold what went wrong, each with its case's name and in words, against the limit; a waived case does not count."""
    ran = {case.case: case for case in judged.cases if case.probe == DETECT}
    cases = [ran[name] for name in dict.fromkeys(name for name, _ in wrong)]
    failed = [case for case in cases if case.candidate and case.candidate.outcome is ItemOutcome.FAILED]
    kept, waived = set_aside(judged.waivers, failed)
    gone = {case.case for case in failed} - {case.case for case in kept}
    counted = [f"{name} {words}" for name, words in wrong if name not in gone]
    within = len(counted) <= limit
    reason = Reason.OVER_LIMIT
    if within:
        reason = Reason.WITHIN_LIMIT if len(wrong) <= limit else Reason.WAIVED
    told_wrong = f": {_worst(counted)}" if counted else ""
    return replace(
        draft,
        verdict=Answer.PASS if within else Answer.FAIL,
        reason=reason.value,
        message=f"{len(counted)} {what}, {limit} are allowed{told_wrong}{told(waived)}",
        value=len(counted),
        rerun=rerun_cases(judged.run, judged.comparison, [case for case in cases if case.case not in gone] or cases),
        waivers=tuple(one.id for one, _ in waived),
    )


def _draft(judged: JudgedSuite, planned: PlannedRule, limit: int) -> Finding:
    return Finding(
        rule=planned.rule,
        verdict=Answer.FAIL,
        reason=Reason.NOT_FINITE.value,
        message="",
        suite=judged.suite.name,
        slice=planned.slice,
        limit=number_or_none(limit),
        n=0,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name, planned.slice),
        label=planned.label,
    )


def _labels(case: Case) -> frozenset[str]:
    return frozenset(truth.label for _, truth in demanded(case))


def _badness(flip: ObjectFlip) -> tuple[int, float]:
    """Worst severity first, then what fell furthest."""
    left = flip.candidate.score if flip.candidate.miss is Miss.FAINT else 0
    return _SEVERITIES.index(flip.case.severity), (left or 0) - (flip.baseline.score or 0)


def _worst(told: Sequence[str]) -> str:
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more


def _told_loss(flip: ObjectFlip) -> str:
    """A broken object in words: `phone at [4 4 20 28], 0.93 to 0.31 (below 0.50)`."""
    return (
        f"{flip.truth.label} at {_place(flip.truth.box)}, {_score(flip.baseline)} to {_now(flip.candidate, flip.case)}"
    )


def _now(sight: Sight, case: Case) -> str:
    score, iou = _score(sight), 0 if sight.iou is None else sight.iou
    told = {
        Miss.MISSED: "nothing there",
        Miss.FAINT: f"{score} (below {case.expected.confidence_threshold:.2f})",
        Miss.MISPLACED: f"a box beside it (IoU {iou:.2f}, below {case.expected.iou_threshold:.2f})",
        Miss.SWAPPED: f"{sight.label} {score}",
        Miss.SHARED: "a box that stands for another object",
    }
    return told[sight.miss or Miss.MISSED]


def _score(sight: Sight) -> str:
    return "–" if sight.score is None else f"{sight.score:.2f}"


def _place(box: Box) -> str:
    return f"[{' '.join(f'{value:.0f}' for value in box)}]"
