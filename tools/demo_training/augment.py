"""Random changes to a training scene that keep its boxes true."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.demo_training.revisions import Augmentation

LEAST_BOX_LEFT = 0.35


def augmented(
    rng: np.random.Generator, rgb: NDArray[np.uint8], boxes: NDArray[np.float32], how: Augmentation
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The changed picture, float32 RGB 0..255 of the same size, and its boxes."""
    image, boxes = rgb.astype(np.float32), boxes.copy()
    if how.scale > 0 and rng.random() < 0.7:
        image, boxes = _rescaled(rng, image, boxes, how.scale)
    if rng.random() < 0.5:
        image, boxes = _mirrored(image, boxes)
    if how.turns:
        for _ in range(int(rng.integers(4))):
            image, boxes = _turned(image, boxes)
    gain = np.exp(rng.uniform(*how.gain)) * np.exp(rng.uniform(-how.colour, how.colour, 3))
    image = np.clip(image * gain.astype(np.float32) + rng.uniform(-1, 1) * how.offset, 0, 255)
    return np.ascontiguousarray(image, dtype=np.float32), np.ascontiguousarray(boxes, dtype=np.float32)


def _mirrored(
    image: NDArray[np.float32], boxes: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    width = image.shape[1]
    flipped = boxes.copy()
    flipped[:, 0], flipped[:, 2] = width - boxes[:, 2], width - boxes[:, 0]
    return image[:, ::-1], flipped


def _turned(image: NDArray[np.float32], boxes: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A quarter turn against the clock: (x, y) goes to (y, width - x)."""
    width = image.shape[1]
    turned = np.stack([boxes[:, 1], width - boxes[:, 2], boxes[:, 3], width - boxes[:, 0]], axis=1)
    return np.rot90(image), turned


def _rescaled(
    rng: np.random.Generator, image: NDArray[np.float32], boxes: NDArray[np.float32], strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Zoom and shift; what falls outside is cut, new ground is black as in the padding of the real preprocessor."""
    height, width = image.shape[:2]
    zoom = float(np.exp(rng.uniform(-strength, strength)))
    x = rng.uniform(min(0.0, width - width * zoom), max(0.0, width - width * zoom))
    y = rng.uniform(min(0.0, height - height * zoom), max(0.0, height - height * zoom))
    matrix = np.array([[zoom, 0, x], [0, zoom, y]], dtype=np.float32)
    moved = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)
    shifted = boxes * zoom + np.array([x, y, x, y], dtype=np.float32)
    limits = np.array([width, height, width, height], dtype=np.float32)
    clipped = np.clip(shifted, 0, limits)
    before = (shifted[:, 2] - shifted[:, 0]) * (shifted[:, 3] - shifted[:, 1])
    after = (clipped[:, 2] - clipped[:, 0]) * (clipped[:, 3] - clipped[:, 1])
    return moved.astype(np.float32), clipped[after >= LEAST_BOX_LEFT * before].astype(np.float32)
