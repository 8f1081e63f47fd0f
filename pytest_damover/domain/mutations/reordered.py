"""The same detections in another order."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context
from pytest_damover.domain.mutations._frame import chosen

HARM = None
WHY = "Sorting that is not stable, or a batch put together in another order."


def mutate(detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
    """A random order."""
    del context
    return chosen(detections, rng.permutation(len(detections)))
