"""Brightness, contrast and blur of an image, from a small copy of its luma.

Luma: ITU-R BT.601, Y = 0.299 R + 0.587 G + 0.114 B. The copy: every n-th pixel, so that no side is longer than
`LONGEST_PX`, then means of 2 x 2. A detector sees a small copy too, and a blur of a few pixels in a large photograph
does not trouble it.

Blur: variance of the Laplacian with the kernel 0 1 0 / 1 -4 1 / 0 1 0 over all places where it fits. Source:
Pech-Pacheco, Cristobal, Chamorro-Martinez, Fernandez-Valdivia, "Diatom autofocusing in brightfield microscopy: a
comparative study", ICPR 2000.

Worked by hand: a copy of 4 x 4 that is 0 but for one 200 at row 1, column 1. Mean 200 / 16 = 12.5; mean of squares
200² / 16 = 2500, so the standard deviation is sqrt(2500 - 12.5²) = 48.41. The Laplacian fits at four places: -800 on
the 200, 200 to its right and below it, 0 on the diagonal. Their mean is -100, so the variance is
(700² + 300² + 300² + 100²) / 4 = 170,000.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.slicing.image_properties import ImageProperties

LONGEST_PX = 512
RED, GREEN, BLUE = np.float32(0.299), np.float32(0.587), np.float32(0.114)
SMALLEST_COPY_PX = 3


def measure(pixels: NDArray[np.uint8]) -> ImageProperties | None:
    """Of an RGB image (H, W, 3), to six significant digits; None when a side is under 6 px: no Laplacian fits."""
    copy = _small_luma(pixels)
    if min(copy.shape) < SMALLEST_COPY_PX:
        return None
    edges = copy[1:-1, :-2] + copy[1:-1, 2:] + copy[:-2, 1:-1] + copy[2:, 1:-1] - 4 * copy[1:-1, 1:-1]
    values = (copy.mean(dtype=np.float64), copy.std(dtype=np.float64), edges.var(dtype=np.float64))
    return ImageProperties(*(float(f"{value:.6g}") for value in values))


def _small_luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    every = -(-max(pixels.shape[:2]) // LONGEST_PX)
    sampled = pixels[::every, ::every]
    luma = RED * sampled[..., 0] + GREEN * sampled[..., 1] + BLUE * sampled[..., 2]
    height, width = (side // 2 * 2 for side in luma.shape)
    luma = luma[:height, :width]
    copy: NDArray[np.float32] = (luma[::2, ::2] + luma[1::2, ::2] + luma[::2, 1::2] + luma[1::2, 1::2]) / 4
    return copy
