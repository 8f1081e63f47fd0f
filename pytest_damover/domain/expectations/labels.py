"""`labels`: every object at or above the confidence threshold carries one of these labels."""

from __future__ import annotations

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Outcome

READS = ("labels",)
SHOWN = 5


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Look for objects with score >= `confidence_threshold` of any other label."""
    if expected.labels is None:
        return None
    threshold = expected.confidence_threshold
    strangers = [
        f"{label} {score:.2f}"
        for label, score in zip(detections.labels, detections.scores.tolist(), strict=True)
        if label not in expected.labels and score >= threshold
    ]
    message = f"expected only {', '.join(expected.labels)} at score >= {threshold:.2f}, found "
    if not strangers:
        return Outcome("labels", True, message + "nothing else")
    more = f" and {len(strangers) - SHOWN} more" if len(strangers) > SHOWN else ""
    return Outcome("labels", False, message + ", ".join(strangers[:SHOWN]) + more)
