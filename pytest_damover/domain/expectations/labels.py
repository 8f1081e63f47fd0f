"""`labels`: every object at or above the confidence threshold carries one of these labels."""

from __future__ import annotations

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.in_words import best_first, limit_in_words, listed, object_in_words
from pytest_damover.domain.journal import Outcome

READS = ("labels",)


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Look for objects with score >= `confidence_threshold` of any other label."""
    if expected.labels is None:
        return None
    threshold = expected.confidence_threshold
    strangers = [
        index
        for index, (label, score) in enumerate(zip(detections.labels, detections.scores.tolist(), strict=True))
        if label not in expected.labels and score >= threshold
    ]
    message = f"expected only {', '.join(expected.labels)} at score >= {limit_in_words(threshold)}, found "
    if not strangers:
        return Outcome("labels", True, message + "nothing else")
    told = [object_in_words(detections, index, threshold) for index in best_first(detections, strangers)]
    return Outcome("labels", False, message + listed(told, ", "))
