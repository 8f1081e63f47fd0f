"""Small objects are not found."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import chosen

HARM = Severity.CRITICAL
WHY = "The input was made smaller to gain speed, and the finest level of the network sees nothing any more."
SMALL_PX = 32


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """No detection with an area below 32 x 32 pixels, which is small in COCO's sense."""
    del context, rng
    sides = detections.boxes[:, 2:] - detections.boxes[:, :2]
    return chosen(detections, np.flatnonzero(sides[:, 0] * sides[:, 1] >= SMALL_PX * SMALL_PX))
