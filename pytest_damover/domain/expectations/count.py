"""`min_objects`, `max_objects`: how many objects there may be at or above the confidence threshold."""

from __future__ import annotations

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Outcome

READS = ("min_objects", "max_objects")
SHOWN = 5


def evaluate(expected: Expected, detections: Detections) -> Outcome | None:
    """Count the objects with score >= `confidence_threshold`, of any label."""
    low, high = expected.min_objects, expected.max_objects
    if low is None and high is None:
        return None
    threshold = expected.confidence_threshold
    found = sum(score >= threshold for score in detections.scores.tolist()) if detections.labels else 0
    enough, not_too_many = low is None or found >= low, high is None or found <= high
    message = f"expected {_demand(expected)} at score >= {threshold:.2f}, found {found}"
    if not enough:
        message += _best_candidate(detections, threshold)
    elif not not_too_many:
        message += _objects(detections, threshold)
    return Outcome("count", enough and not_too_many, message)


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
    noun = expected.labels[0] if expected.labels is not None and len(expected.labels) == 1 else "object"
    return f"{amount} {noun}" if amount == "1" else f"{amount} {noun}(s)"


def _best_candidate(detections: Detections, threshold: float) -> str:
    below = [(score, label) for score, label in _scored(detections) if not score >= threshold]
    if not below:
        return "; no candidate below it"
    score, label = max(below)
    return f"; best candidate {score:.2f} ({label})"


def _objects(detections: Detections, threshold: float) -> str:
    above = sorted((pair for pair in _scored(detections) if pair[0] >= threshold), reverse=True)
    shown = ", ".join(f"{label} {score:.2f}" for score, label in above[:SHOWN])
    return f": {shown}" + (f" and {len(above) - SHOWN} more" if len(above) > SHOWN else "")


def _scored(detections: Detections) -> list[tuple[float, str]]:
    return list(zip(detections.scores.tolist(), detections.labels, strict=True))
