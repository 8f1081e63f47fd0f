"""`forbidden_regions`: no object at or above the confidence threshold has its centre inside one of these boxes."""

from __future__ import annotations

from pytest_damover.domain.case import Box, Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Outcome

READS = ("forbidden_regions",)
SHOWN = 5


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Look for centres of objects inside a region, its border included."""
    if expected.forbidden_regions is None:
        return None
    threshold = expected.confidence_threshold
    intruders = [
        f"{label} {score:.2f} with its centre at ({x:.0f}, {y:.0f}) in [{_corners(region)}]"
        for label, score, (x, y) in _centres(detections)
        if score >= threshold
        for region in expected.forbidden_regions
        if region[0] <= x <= region[2] and region[1] <= y <= region[3]
    ]
    message = f"expected no object at score >= {threshold:.2f} in a forbidden region, found "
    if not intruders:
        return Outcome("forbidden_regions", True, message + "none")
    more = f" and {len(intruders) - SHOWN} more" if len(intruders) > SHOWN else ""
    return Outcome("forbidden_regions", False, message + "; ".join(intruders[:SHOWN]) + more)


def _centres(detections: Detections) -> list[tuple[str, float, tuple[float, float]]]:
    rows = zip(detections.labels, detections.scores.tolist(), detections.boxes.tolist(), strict=True)
    return [(label, score, ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)) for label, score, box in rows]


def _corners(region: Box) -> str:
    return " ".join(f"{value:.0f}" for value in region)
