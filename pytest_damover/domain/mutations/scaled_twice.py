"""The picture is all but black."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.mutations import Pixels

HARM = Severity.CRITICAL
WHY = "Pixels were divided by 255 in the loader and again in the network."


def mutate_image(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Every pixel divided by 255, rounded."""
    del rng
    return np.asarray(np.rint(pixels / 255), dtype=np.uint8)
