"""Hands: one that holds a phone (palm behind it, fingers around its edge), and one that reaches across."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.scenes.canvas import Sprite
from tools.scenes.pen import Rgb, choose, shade, vivid

SKINS: tuple[Rgb, ...] = ((232, 190, 160), (205, 150, 115), (160, 108, 76), (104, 68, 48), (242, 208, 184))
Points = list[tuple[float, float]]
MARGIN = 260
"""Room around the phone's own texture, in texture pixels."""


def draw_holding_hand(rng: np.random.Generator, width: int, length: int) -> tuple[Sprite, Sprite]:
    """The part behind a phone of the given texture size and the part in front; both share the phone's centre."""
    skin = choose(rng, SKINS)
    sleeve = vivid(rng, 20, 200)
    size = (width + 2 * MARGIN, length + 2 * MARGIN)
    behind, front = _empty(size), _empty(size)
    left, right, top, bottom = MARGIN, MARGIN + width, MARGIN, MARGIN + length
    heel = (right - 0.35 * width, bottom + 10)
    _limb(behind, [heel, (right - 0.1 * width, size[1] + 40)], 128, skin)
    _limb(behind, [(right - 0.05 * width, bottom + 140), (right, size[1] + 60)], 168, sleeve)
    _limb(behind, [(left + 0.5 * width, bottom - 0.42 * length), heel], 150, skin)
    grip = top + length * rng.uniform(0.42, 0.56)
    reach = width * rng.uniform(0.1, 0.22)
    for finger in range(4):
        y = grip + finger * length * 0.115
        bend = (right + 20, y + rng.uniform(-4, 4))
        _limb(behind, [(right - 60, y + 16), bend], 43, skin)
        _finger(front, [bend, (right - reach * rng.uniform(0.8, 1.15), y - 6)], 40, skin)
    knuckle = (left - 14, bottom - 0.2 * length)
    _limb(behind, [(left + 60, bottom + 5), knuckle], 66, skin)
    _finger(
        front, [knuckle, (left + width * rng.uniform(0.14, 0.34), bottom - length * rng.uniform(0.33, 0.46))], 50, skin
    )
    if rng.random() < 0.5:
        behind, front = np.ascontiguousarray(behind[:, ::-1]), np.ascontiguousarray(front[:, ::-1])
    return Sprite(behind, shadow=0.45, lift=30), Sprite(front, shadow=0.35, lift=3, thickness=0)


def draw_reaching_hand(rng: np.random.Generator) -> Sprite:
    """A hand that comes in from below, fingers spread."""
    skin = choose(rng, SKINS)
    rgba = _empty((330, 520))
    _limb(rgba, [(165, 330), (165, 600)], 120, skin)
    _limb(rgba, [(165, 450), (165, 640)], 160, vivid(rng, 20, 200))
    _limb(rgba, [(165, 240), (165, 320)], 168, skin)
    for number, spread in enumerate((-0.42, -0.14, 0.12, 0.38)):
        base = (108 + 38 * number, 210 + 8 * abs(number - 1.5))
        length = (118, 142, 136, 104)[number] * rng.uniform(0.8, 1.05)
        tip = (base[0] + np.sin(spread) * length, base[1] - np.cos(spread) * length)
        _finger(rgba, [base, tip], 42, skin)
    _finger(rgba, [(100, 300), (26, 205 + rng.uniform(-15, 25))], 46, skin)
    if rng.random() < 0.5:
        rgba = np.ascontiguousarray(rgba[:, ::-1])
    return Sprite(rgba, shadow=0.5, lift=25)


def _empty(size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.zeros((size[1], size[0], 4), dtype=np.uint8)


def _finger(rgba: NDArray[np.uint8], points: Points, width: int, skin: Rgb) -> None:
    _limb(rgba, points, width, skin)
    (x0, y0), (x1, y1) = points[-2], points[-1]
    span = max(float(np.hypot(x1 - x0, y1 - y0)), 1.0)
    along = ((x1 - x0) / span, (y1 - y0) / span)
    centre = (round(x1 + along[0] * width * 0.12), round(y1 + along[1] * width * 0.12))
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    red, green, blue = shade(skin, 1.12)
    cv2.ellipse(
        rgba, centre, (round(width * 0.26), round(width * 0.2)), angle, 0, 360, (red, green, blue, 255), -1, cv2.LINE_AA
    )


def _limb(rgba: NDArray[np.uint8], points: Points, width: int, colour: Rgb) -> None:
    """A round, shaded stroke: dark at its rim, light along its middle."""
    mask = np.zeros(rgba.shape[:2], dtype=np.uint8)
    path = np.array(points, dtype=np.float64).round().astype(np.int32)
    cv2.polylines(mask, [path], False, 255, width, cv2.LINE_AA)
    for x, y in path.tolist():
        cv2.circle(mask, (x, y), width // 2, 255, -1, cv2.LINE_AA)
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if len(rows) == 0:
        return
    window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    part = mask[window]
    depth = cv2.distanceTransform(
        (cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_REPLICATE) > 127).astype(np.uint8), cv2.DIST_L2, 3
    )
    round_shade = 0.62 + 0.42 * np.sqrt(np.clip(depth[1:-1, 1:-1] / (width / 2), 0, 1))
    fill = np.clip(np.array(colour, dtype=np.float32) * round_shade[..., None], 0, 255)
    alpha = (part / 255.0).astype(np.float32)[..., None]
    old = rgba[window].astype(np.float32)
    rgba[window][..., :3] = (old[..., :3] * (1 - alpha) + fill * alpha).astype(np.uint8)
    rgba[window][..., 3] = np.maximum(rgba[window][..., 3], part)
