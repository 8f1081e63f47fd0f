"""What every detector does with its boxes at the end: nothing outside of the picture, nothing without area."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context


def with_boxes(detections: Detections, boxes: NDArray[np.float64], context: Context) -> Detections:
    """`detections` with other `boxes`, (N, 4), cut off at the edges of the picture; what is left without area goes."""
    edges = np.array([context.width_px, context.height_px] * 2, dtype=np.float64)
    cut = np.clip(boxes, 0.0, edges)
    keep = np.flatnonzero((cut[:, 0] < cut[:, 2]) & (cut[:, 1] < cut[:, 3]))
    return chosen(Detections(cut, detections.scores, detections.labels), keep)


def with_scores(detections: Detections, scores: NDArray[np.float64]) -> Detections:
    """`detections` with other `scores`, (N,), brought back into 0..1."""
    return Detections(detections.boxes, np.clip(scores, 0.0, 1.0), detections.labels)


def chosen(detections: Detections, places: NDArray[np.intp]) -> Detections:
    """The detections at `places`, in that order."""
    labels = tuple(detections.labels[place] for place in places)
    return Detections(detections.boxes[places], detections.scores[places], labels)


def joined(*parts: Detections) -> Detections:
    """All detections of all parts."""
    labels = tuple(label for part in parts for label in part.labels)
    return Detections(np.concatenate([p.boxes for p in parts]), np.concatenate([p.scores for p in parts]), labels)
