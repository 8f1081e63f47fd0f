"""AP50 of a list of images and of its slices, on one or two sides, with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.policy import ApRule
from pytest_damover.domain.scoring.matching import COCO_IOUS, match_images_at
from pytest_damover.domain.scoring.resampling import Estimate, estimate, group_numbers

IOU_THRESHOLD = 0.5
IOUS: dict[str, tuple[float, ...]] = {"ap50": (IOU_THRESHOLD,), "ap": COCO_IOUS}
"""The IoU thresholds over which each metric is the mean."""


@dataclass(frozen=True, slots=True)
class ScoredImage:
    """One image with its ground truth, its slices and what both sides found; None: not there or not readable.

    Images of one `group` are drawn together; an image without one is drawn alone.
    """

    truths: Sequence[GroundTruth]
    slices: Sequence[str]
    baseline: Detections | None
    candidate: Detections | None
    group: str | None = None


def readable_detections(data: Mapping[str, Any] | None) -> Detections | None:
    """Detections from the journal's data; None when there are none or they are not finite arrays of one length."""
    if data is None:
        return None
    try:
        detections = Detections.from_json(data)
    except (KeyError, TypeError, ValueError):
        return None
    count, boxes, scores = len(detections), detections.boxes, detections.scores
    if boxes.shape != (count, 4) or scores.shape != (count,):
        return None
    finite = bool(np.isfinite(boxes).all() and ((scores >= 0) & (scores <= 1)).all())
    return detections if finite and all(isinstance(label, str) for label in detections.labels) else None


def estimate_slices(
    images: Sequence[ScoredImage], names: Iterable[str], metric: str, rule: ApRule, alone: bool
) -> tuple[tuple[str | None, Estimate], ...]:
    """AP of all `images` (name None) and of each named slice, in that order; `metric` is a key of `IOUS`.

    Each slice is resampled within itself, from the same seed. A side with unreadable detections has AP NaN and no
    interval. With `alone` the baseline side is None everywhere.
    """
    truths = [image.truths for image in images]
    candidate = match_images_at(truths, [image.candidate or EMPTY for image in images], IOUS[metric])
    baseline = match_images_at(truths, [image.baseline or EMPTY for image in images], IOUS[metric])
    estimates = []
    for name in (None, *names):
        chosen = [index for index, image in enumerate(images) if name is None or name in image.slices]
        places = np.array(chosen, dtype=np.intp)
        before, after = (tuple(table.of_images(places) for table in side) for side in (baseline, candidate))
        groups = group_numbers([images[index].group for index in chosen])
        result = estimate(None if alone else before, after, rule.confidence, rule.resamples, rule.seed, groups)
        estimates.append((name, _without_unreadable(result, [images[index] for index in chosen], alone)))
    return tuple(estimates)


def _without_unreadable(result: Estimate, images: Sequence[ScoredImage], alone: bool) -> Estimate:
    bad_baseline = not alone and any(image.baseline is None for image in images)
    bad_candidate = any(image.candidate is None for image in images)
    if bad_baseline:
        result = replace(result, baseline=math.nan)
    if bad_candidate:
        result = replace(result, candidate=math.nan, candidate_interval=None)
    if bad_baseline or bad_candidate:
        missing = None if alone else math.nan
        result = replace(result, difference=missing, interval=None, draws=None)
        result = replace(result, ratio=missing, ratio_interval=None)
    return result
