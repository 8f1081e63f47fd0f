"""Detections: what a detector found in one image, as three arrays of one length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.errors import Code, DamoverError, Fault

MAX_DETECTIONS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Predicted boxes of one image.

    `boxes`: (N, 4) float64, x1 y1 x2 y2 in pixels of the decoded image; `scores`: (N,) float64 in 0..1;
    `labels`: N class names.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, boxes: Any, scores: Any, labels: Sequence[str]) -> Detections:
        """Build from anything numpy can read, else TypeError or ValueError; no boxes at all become shape (0, 4)."""
        try:
            box_array = np.asarray(boxes, dtype=np.float64)
            score_array = np.asarray(scores, dtype=np.float64).reshape(-1)
        except OverflowError as error:
            raise ValueError(f"a number that is none of 64 bits ({error})") from error
        if box_array.size == 0:
            box_array = box_array.reshape(0, 4)
        return cls(box_array, score_array, tuple(labels))

    def __len__(self) -> int:
        return len(self.labels)

    def at_least(self, score: float) -> Detections:
        """Only the detections with score >= `score`, in the same order."""
        keep = np.flatnonzero(self.scores >= score)
        return Detections(self.boxes[keep], self.scores[keep], tuple(self.labels[i] for i in keep))

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal; numbers are not rounded, for rounding makes ties."""
        return {"boxes": self.boxes.tolist(), "scores": self.scores.tolist(), "labels": list(self.labels)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Detections:
        """The inverse of `to_json`."""
        return cls.of(data["boxes"], data["scores"], data["labels"])


EMPTY = Detections.of((), (), ())


def check_contract(detections: Detections, width_px: int, height_px: int, tolerance_px: float = 1.0) -> Detections:
    """Return `detections` when they keep the output contract, else raise `DamoverError` naming each breach.

    Contract: equal lengths, finite numbers, 0 <= score <= 1, x1 < x2, y1 < y2, inside the image within
    `tolerance_px`, at most `MAX_DETECTIONS`.
    """
    faults = tuple(
        Fault(Code.DETECTIONS, "model output", found, allowed)
        for broken, found, allowed in _breaches(detections, width_px, height_px, tolerance_px)
        if broken
    )
    if faults:
        raise DamoverError(*faults)
    return detections


def _breaches(
    detections: Detections, width_px: int, height_px: int, tolerance_px: float
) -> list[tuple[bool, str, str]]:
    boxes, scores = detections.boxes, detections.scores
    count = len(detections.labels)
    if boxes.shape != (count, 4) or scores.shape != (count,):
        found = f"boxes {boxes.shape}, scores {scores.shape}, labels ({count},)"
        return [(True, found, "boxes (N, 4), scores (N,), labels (N,)")]
    if not all(isinstance(label, str) for label in detections.labels):
        return [(True, "a label that is no text", "class names")]
    if count == 0:
        return []
    low = -tolerance_px
    inside = (
        (boxes >= low).all() and (boxes[:, 0::2] <= width_px - low).all() and (boxes[:, 1::2] <= height_px - low).all()
    )
    return [
        (count > MAX_DETECTIONS, f"{count} detections", f"at most {MAX_DETECTIONS}"),
        (not np.isfinite(boxes).all(), "a box with NaN or infinity", "finite pixels"),
        (not ((scores >= 0) & (scores <= 1)).all(), f"scores {scores.min()} to {scores.max()}", "0 <= score <= 1"),
        (
            not ((boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])).all(),
            "a box without area",
            "x1 < x2 and y1 < y2",
        ),
        (not inside, f"a box outside the {width_px} x {height_px} image", f"inside within {tolerance_px} px"),
    ]
