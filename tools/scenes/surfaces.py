"""What things lie on: wood, cloth, stone, street, marble, painted table tops, a cluttered blur."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.scenes.pen import Rgb, choose, gradient, smooth_noise, vivid

FloatImage = NDArray[np.float32]
WOODS: tuple[Rgb, ...] = ((186, 140, 96), (120, 82, 54), (214, 182, 140), (88, 58, 40), (160, 116, 74), (225, 205, 178))
CLOTHS: tuple[Rgb, ...] = ((70, 84, 120), (150, 60, 66), (208, 200, 186), (64, 66, 70), (96, 120, 92), (226, 226, 228))
STONES: tuple[Rgb, ...] = ((112, 112, 114), (140, 136, 130), (86, 86, 90), (166, 160, 150))
MARBLES: tuple[Rgb, ...] = ((232, 230, 228), (214, 212, 216), (60, 62, 66), (226, 218, 204))


def draw_surface(rng: np.random.Generator, width: int, height: int, tilt: float) -> FloatImage:
    """A surface filling ``width`` x ``height`` canvas pixels, leaning away by ``tilt`` radians; RGB in [0, 1]."""
    kinds: tuple[Callable[[np.random.Generator, int, int], FloatImage], ...] = (
        _wood, _wood, _cloth, _cloth, _street, _tiles, _marble, _painted, _blurred_room,
    )  # fmt: skip
    draw = kinds[int(rng.integers(len(kinds)))]
    # Half the size is enough for a background and costs a quarter.
    flat = draw(rng, width // 2 + 120, height // 2 + 120)
    if rng.random() < 0.35:
        flat = np.ascontiguousarray(flat.transpose(1, 0, 2))
    tall, wide = flat.shape[:2]
    pinch = 0.22 * np.sin(tilt) * wide
    # The far edge shows more of the surface, so its grain looks finer there.
    source = np.array([[0, 0], [wide, 0], [wide - pinch, tall], [pinch, tall]], dtype=np.float32)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    view = cv2.getPerspectiveTransform(source, target)
    seen = cv2.warpPerspective(np.clip(flat, 0, 255), view, (width, height), flags=cv2.INTER_LINEAR)
    return (seen / 255.0).astype(np.float32)


def _filled(width: int, height: int, colour: Rgb) -> FloatImage:
    return np.full((height, width, 3), colour, dtype=np.float32)


def _grain(rng: np.random.Generator, width: int, height: int, strength: float) -> FloatImage:
    return (rng.standard_normal((height, width, 1)) * strength).astype(np.float32)


def _wood(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    base = _filled(width, height, choose(rng, WOODS))
    warp = smooth_noise(rng, width, height, (4, 5)) * rng.uniform(4, 22)
    rows = np.arange(height, dtype=np.float32)[:, None] + warp
    rings = np.sin(rows * rng.uniform(0.1, 0.45)) * rng.uniform(5, 14)
    fibres = smooth_noise(rng, width, height, (width // 40, height // 2)) * rng.uniform(6, 14)
    base += (rings + fibres)[..., None] * np.array([1.0, 0.85, 0.65], dtype=np.float32)
    if rng.random() < 0.6:
        plank = int(rng.integers(50, 130))
        for number, y in enumerate(range(int(rng.integers(plank)), height, plank)):
            base[y : y + 2] *= 0.55
            base[y + 2 : y + plank] *= 1 + 0.1 * ((number * 7919) % 5 - 2) / 2
    return base


def _cloth(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    base = _filled(width, height, choose(rng, CLOTHS))
    pitch = rng.uniform(3, 6)
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    weave = np.sin(x * 6.283 / pitch) * np.sin(y * 6.283 / pitch) * 7
    folds = smooth_noise(rng, width, height, (4, 3)) * rng.uniform(8, 26)
    base += (weave + folds)[..., None]
    pattern = rng.random()
    if pattern < 0.3:
        stripe = ((x // rng.uniform(14, 40)) % 2) * np.ones_like(y)
        base = base * (1 - 0.35 * stripe[..., None]) + np.array(vivid(rng), dtype=np.float32) * 0.35 * stripe[..., None]
    elif pattern < 0.5:
        step = rng.uniform(18, 40)
        check = (((x // step) % 2) + ((y // step) % 2)) / 2
        base *= (1 - 0.35 * check)[..., None]
    return base


def _street(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    base = _filled(width, height, choose(rng, STONES)) + _grain(rng, width, height, 17)
    base += smooth_noise(rng, width, height, (6, 6))[..., None] * 14
    if rng.random() < 0.35:
        x = int(rng.integers(width))
        cv2.line(base, (x, 0), (int(rng.integers(width)), height), (225, 222, 205), int(rng.integers(8, 18)))
    for _ in range(int(rng.integers(0, 4))):
        points = np.cumsum(rng.uniform(-26, 26, (8, 2)), axis=0) + rng.uniform(0, [width, height])
        cv2.polylines(base, [points.astype(np.int32)], False, (52, 52, 54), 1, cv2.LINE_AA)
    return base


def _tiles(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    colour = choose(rng, ((205, 198, 184), (176, 106, 80), (150, 160, 168), (228, 228, 224), (90, 98, 104)))
    base = _filled(width, height, colour) + smooth_noise(rng, width, height, (14, 14))[..., None] * 9
    step = int(rng.integers(36, 90))
    for row, y in enumerate(range(0, height, step)):
        for x in range(-(step // 2) * (row % 2), width, step):
            base[y : y + step, max(0, x) : max(0, x + step)] *= rng.uniform(0.9, 1.06)
            cv2.rectangle(base, (x, y), (x + step, y + step), (110, 108, 104), 2)
    return base


def _marble(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    colour = choose(rng, MARBLES)
    base = _filled(width, height, colour)
    veins = smooth_noise(rng, width, height, (5, 4)) + 0.5 * smooth_noise(rng, width, height, (13, 11))
    lines = np.exp(-np.abs(veins) * rng.uniform(7, 14))
    sign = -1.0 if sum(colour) > 300 else 1.0
    base += sign * (lines * rng.uniform(35, 80))[..., None]
    base += smooth_noise(rng, width, height, (7, 6))[..., None] * 8
    return base


def _painted(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    blend = gradient(width, height, vivid(rng, 60, 245), vivid(rng, 60, 245), rng.uniform(0, 6.3)).astype(np.float32)
    return blend + _grain(rng, width, height, 2.5)


def _blurred_room(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    """An out-of-focus room: large soft shapes."""
    base = gradient(width, height, vivid(rng, 40, 210), vivid(rng, 60, 230), 1.57).astype(np.float32)
    for _ in range(int(rng.integers(6, 14))):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        w, h = int(rng.integers(15, 120)), int(rng.integers(15, 120))
        if rng.random() < 0.7:
            cv2.rectangle(base, (x, y), (x + w, y + h), vivid(rng, 20, 240), -1)
        else:
            cv2.circle(base, (x, y), w // 3 + 3, vivid(rng, 40, 250), -1)
    blurred: FloatImage = cv2.GaussianBlur(base, (0, 0), rng.uniform(3, 9))
    return blurred + _grain(rng, width, height, 2)
