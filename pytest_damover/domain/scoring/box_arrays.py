"""Ground truth and detections of many images as arrays: what matching works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class BoxArrays:
    """What is known and what was found in `images` images.

    Detections, in image order and then as the detector gave them: `image`, `label`, `score` (D,) and `box` (D, 4).
    Ground truth in the same order: `truth_image`, `truth_label`, `crowd`, `ignore` (G,) and `truth_box` (G, 4).
    `label` and `truth_label` index `labels`; boxes are x1 y1 x2 y2 in pixels; `crowd` and `ignore` are those of
    `GroundTruth`.
    """

    images: int
    labels: tuple[str, ...]
    image: Ints
    label: Ints
    score: Floats
    box: Floats
    truth_image: Ints
    truth_label: Ints
    truth_box: Floats
    crowd: Bools
    ignore: Bools

    def detected(self, keep: Bools) -> BoxArrays:
        """With these detections only (D,); all ground truth stays."""
        return replace(self, image=self.image[keep], label=self.label[keep], score=self.score[keep], box=self.box[keep])


def box_arrays(truths: Sequence[Sequence[GroundTruth]], detections: Sequence[Detections]) -> BoxArrays:
    """The arrays of a list of images: `truths` and `detections` one entry an image, in the same order."""
    known = [truth for image in truths for truth in image]
    found_labels = [label for image in detections for label in image.labels]
    labels = tuple(sorted({*(truth.label for truth in known), *found_labels}))
    number = {label: index for index, label in enumerate(labels)}
    return BoxArrays(
        images=len(truths),
        labels=labels,
        image=np.repeat(np.arange(len(detections)), [len(found) for found in detections]),
        label=np.array([number[label] for label in found_labels], dtype=np.intp),
        score=np.concatenate([found.scores for found in detections]) if detections else np.zeros(0),
        box=np.concatenate([found.boxes for found in detections]) if detections else np.zeros((0, 4)),
        truth_image=np.repeat(np.arange(len(truths)), [len(image) for image in truths]),
        truth_label=np.array([number[truth.label] for truth in known], dtype=np.intp),
        truth_box=np.array([truth.box for truth in known], dtype=np.float64).reshape(-1, 4),
        crowd=np.array([truth.crowd for truth in known], dtype=np.bool_),
        ignore=np.array([truth.ignore for truth in known], dtype=np.bool_),
    )
