"""Scores and boxes are rounded to 16 bits."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import with_boxes, with_scores

HARM = None
WHY = "Inference in half precision."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """Rounded to the next float16, which is a quarter of a pixel at 512."""
    del rng
    rounded = with_scores(detections, detections.scores.astype(np.float16).astype(np.float64))
    return with_boxes(rounded, detections.boxes.astype(np.float16).astype(np.float64), context)
