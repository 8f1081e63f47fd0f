"""`min_objects`, `max_objects`: how many objects there may be at or above the confidence threshold.

Where the case gives `labels`, objects of those labels are counted: {"min_objects": 1, "labels": ["phone"]} asks for a
phone, and a laptop is none. An object of another label is a miss of `labels`, so the case as a whole comes out as if
every object had been counted; only what is told differs.
"""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.in_words import best_first, box_in_words, limit_in_words, listed, object_in_words
from pytest_damover.domain.journal import Outcome
from pytest_damover.domain.scoring.matching import iou_matrix

READS = ("min_objects", "max_objects")


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Count the objects with score >= `confidence_threshold`, of `labels` if the case gives them."""
    low, high = expected.min_objects, expected.max_objects
    if low is None and high is None:
        return None
    threshold, labels = expected.confidence_threshold, expected.labels
    scores = detections.scores.tolist() if detections.labels else ()
    mine = [i for i in range(len(scores)) if labels is None or detections.labels[i] in labels]
    counted = [i for i in mine if scores[i] >= threshold]
    found = len(counted)
    message = f"expected {_demand(expected)} at score >= {limit_in_words(threshold)}, found {found}"
    if low is not None and not found >= low:
        below = best_first(detections, (i for i in mine if not scores[i] >= threshold))
        return Outcome("count", False, message + _candidates(below[: low - found], expected, detections))
    if high is not None and not found <= high:
        told = [object_in_words(detections, i, threshold) for i in best_first(detections, counted)]
        return Outcome("count", False, f"{message}: {listed(told, ', ')}")
    return Outcome("count", True, message)


def _demand(expected: Expected) -> str:
    low, high = expected.min_objects, expected.max_objects
    if low == high:
        amount = str(low)
    elif high is None:
        amount = f"at least {low}"
    elif low is None:
        amount = f"at most {high}"
    else:
        amount = f"{low} to {high}"
    noun = "object" if expected.labels is None else " or ".join(expected.labels)
    return f"{amount} {noun}" if amount.rpartition(" ")[2] == "1" else f"{amount} {noun}(s)"


def _candidates(below: list[int], expected: Expected, detections: Detections) -> str:
    """The best of what is below the threshold, as many as are missing."""
    if not below:
        return ", and nothing with a lower score"
    told = [
        object_in_words(detections, i, expected.confidence_threshold) + _place(i, expected, detections) for i in below
    ]
    return f"; best {'candidate' if len(told) == 1 else 'candidates'} {listed(told)}"


def _place(index: int, expected: Expected, detections: Detections) -> str:
    """How well it lies on an expected box of its label."""
    label = detections.labels[index]
    truths = [truth.box for truth in expected.expected_boxes or () if truth.counts and truth.label == label]
    if not truths:
        return ""
    overlaps = iou_matrix(detections.boxes[index : index + 1], np.array(truths))[0]
    best = int(overlaps.argmax())
    if not overlaps[best] > 0:
        return ", on no expected box"
    return f", IoU {overlaps[best]:.2f} with the expected box {box_in_words(truths[best])}"
