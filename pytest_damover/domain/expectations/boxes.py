"""`expected_boxes`: each that counts is found by a detection of its own with the same label.

The assignment is a maximum matching, not COCO's greedy one. The question here is whether every expected object can be
accounted for; a greedy match by score can give a detection that fits two neighbours to the wrong one and report the
other as missing although a detection for it is there. AP uses the greedy rule because its definition says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.in_words import (
    SHOWN,
    beside_limit,
    best_first,
    box_in_words,
    limit_in_words,
    listed,
    object_in_words,
)
from pytest_damover.domain.journal import Outcome
from pytest_damover.domain.scoring.matching import iou_matrix, maximum_matching

READS = ("expected_boxes",)


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Match one to one at equal label, score >= `confidence_threshold`, IoU >= `iou_threshold`.

    Objects to ignore and crowds are not demanded.
    """
    if expected.expected_boxes is None:
        return None
    truths = [truth for truth in expected.expected_boxes if truth.counts]
    if not truths:
        return Outcome("boxes", True, "no box expected")
    overlaps = iou_matrix(np.array([truth.box for truth in truths]), detections.boxes)
    same_label = np.array([[truth.label == label for label in detections.labels] for truth in truths], dtype=bool)
    same_label = same_label.reshape(overlaps.shape)
    fits = same_label & (overlaps >= expected.iou_threshold) & (detections.scores >= expected.confidence_threshold)
    partners = maximum_matching(fits)
    missing = [index for index, partner in enumerate(partners) if partner is None]
    found = f"found {len(truths) - len(missing)} of {len(truths)} expected boxes at {_demand(expected)}"
    if not missing:
        return Outcome("boxes", True, found)
    misses = [_explain(truths[i], overlaps[i], fits[i], expected, detections) for i in missing[:SHOWN]]
    return Outcome("boxes", False, f"{found}: {listed(misses, of=len(missing))}")


def _demand(expected: Expected) -> str:
    return (
        f"score >= {limit_in_words(expected.confidence_threshold)} and IoU >= {limit_in_words(expected.iou_threshold)}"
    )


def _explain(
    truth: GroundTruth, overlaps: NDArray[np.float64], fits: NDArray[np.bool_], expected: Expected, found: Detections
) -> str:
    """The missing box and the nearest thing to it: what is in its place under any label, else what touches it."""
    place = f"missing {truth.label} at {box_in_words(truth.box)}"
    by_score = best_first(found, range(len(found)))
    mine = [i for i in by_score if found.labels[i] == truth.label]
    here = [i for i in by_score if overlaps[i] >= expected.iou_threshold]
    if fits.any():
        best = next(i for i in by_score if fits[i])
        return f"{place}: {_told(best, overlaps, expected, found)} fits, but is taken by another expected box"
    if located := [i for i in here if found.labels[i] == truth.label]:
        return f"{place}: best candidate {_told(located[0], overlaps, expected, found)}"
    if here and found.scores[here[0]] >= expected.confidence_threshold:
        return f"{place}: found as {_told(here[0], overlaps, expected, found)}"
    if any(overlaps[i] > 0 for i in mine):
        return f"{place}: best candidate {_told(max(mine, key=lambda i: overlaps[i]), overlaps, expected, found)}"
    if here:
        return f"{place}: best candidate, of another label, {_told(here[0], overlaps, expected, found)}"
    elsewhere = f"; the best {truth.label} is {_told(mine[0], overlaps, expected, found)}" if mine else ""
    return f"{place}: no {truth.label} touches it{elsewhere}"


def _told(index: int, overlaps: NDArray[np.float64], expected: Expected, found: Detections) -> str:
    overlap = beside_limit(float(overlaps[index]), expected.iou_threshold)
    return f"{object_in_words(found, index, expected.confidence_threshold)}, IoU {overlap}"
