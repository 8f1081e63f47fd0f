"""Red and blue have changed places."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.mutations import Pixels

HARM = Severity.MAJOR
WHY = "OpenCV reads BGR, Pillow reads RGB, and the loader was exchanged."


def mutate_image(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """BGR in place of RGB."""
    del rng
    return np.ascontiguousarray(pixels[:, :, ::-1])
