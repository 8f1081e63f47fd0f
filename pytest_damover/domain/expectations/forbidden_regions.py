"""`forbidden_regions`: no object at or above the confidence threshold has its centre inside one of these boxes."""

from __future__ import annotations

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.in_words import best_first, box_in_words, limit_in_words, listed, object_in_words
from pytest_damover.domain.journal import Outcome

READS = ("forbidden_regions",)


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Look for centres of objects inside a region, its border included."""
    if expected.forbidden_regions is None:
        return None
    threshold = expected.confidence_threshold
    centres = [((x1 + x2) / 2, (y1 + y2) / 2) for x1, y1, x2, y2 in detections.boxes.tolist()]
    objects = [index for index, score in enumerate(detections.scores.tolist()) if score >= threshold]
    intruders = [
        f"{object_in_words(detections, index, threshold)}, its centre ({x:.0f}, {y:.0f}) in {box_in_words(region)}"
        for index in best_first(detections, objects)
        for x, y in [centres[index]]
        for region in expected.forbidden_regions
        if region[0] <= x <= region[2] and region[1] <= y <= region[3]
    ]
    message = f"expected no object at score >= {limit_in_words(threshold)} in a forbidden region, found "
    return Outcome("forbidden_regions", not intruders, message + (listed(intruders) or "none"))
