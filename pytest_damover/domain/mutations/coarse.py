"""The picture has a quarter of its resolution."""

from __future__ import annotations

import numpy as np

from pytest_damover.domain.case import Severity
from pytest_damover.domain.mutations import Pixels

HARM = Severity.MAJOR
WHY = "The camera was set to send thumbnails, which the service enlarges again."
BLOCK_PX = 4


def mutate_image(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Each block of 4 x 4 pixels is its mean; what is left at the right and lower edges stays as it is."""
    del rng
    height, width = (side // BLOCK_PX * BLOCK_PX for side in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX, 3)
    means = np.asarray(np.rint(blocks.mean(axis=(1, 3))), dtype=np.uint8)
    changed: Pixels = pixels.copy()
    changed[:height, :width] = means.repeat(BLOCK_PX, axis=0).repeat(BLOCK_PX, axis=1)
    return changed
