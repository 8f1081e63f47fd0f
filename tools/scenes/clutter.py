"""Everyday things on a desk, and things that lie across a phone."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

from tools.scenes.canvas import Sprite
from tools.scenes.hands import draw_reaching_hand
from tools.scenes.pen import Rgb, choose, font, rounded_mask, shade, sheet, vivid, with_alpha


def draw_clutter(rng: np.random.Generator) -> tuple[Sprite, float]:
    """A sprite and its longer side compared with a phone's length."""
    kinds: tuple[Callable[[np.random.Generator], tuple[Sprite, float]], ...] = (
        _pen, _pen, _cup, _cable, _cable, _paper, _keys, _coin, _leaf, _cutlery,
    )  # fmt: skip
    return kinds[int(rng.integers(len(kinds)))](rng)


def draw_cover(rng: np.random.Generator) -> tuple[Sprite, float]:
    """Something large enough to hide part of a phone, and its longer side compared with a phone's length."""
    kinds: tuple[Callable[[np.random.Generator], tuple[Sprite, float]], ...] = (
        _reaching, _reaching, _cup, _paper, _leaf, _scarf, _envelope,
    )  # fmt: skip
    return kinds[int(rng.integers(len(kinds)))](rng)


def _reaching(rng: np.random.Generator) -> tuple[Sprite, float]:
    return draw_reaching_hand(rng), rng.uniform(1.4, 1.9)


def _pen(rng: np.random.Generator) -> tuple[Sprite, float]:
    length, width = 420, 30
    body = vivid(rng, 20, 240)
    image, pen = sheet(width, length, body)
    for x in range(width):
        pen.line((x, 60, x, length), fill=shade(body, 0.55 + 0.75 * float(np.sin(np.pi * (x + 0.5) / width))))
    pen.polygon([(0, 60), (width, 60), (width / 2 + 2, 0), (width / 2 - 2, 0)], fill=(205, 180, 140))
    pen.polygon([(width / 2 - 5, 20), (width / 2 + 5, 20), (width / 2, 0)], fill=(30, 30, 30))
    mask = Image.new("L", (width, length), 0)
    outline = [(0, 60), (width / 2, 0), (width, 60), (width, length - 4), (0, length - 4)]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    return Sprite(with_alpha(image, np.asarray(mask)), shadow=0.5, lift=8), rng.uniform(0.8, 1.1)


def _cup(rng: np.random.Generator) -> tuple[Sprite, float]:
    size = 300
    china = choose(rng, ((244, 244, 240), (200, 70, 60), (70, 110, 150), (60, 60, 64), (226, 190, 90)))
    drink = choose(rng, ((70, 42, 26), (120, 78, 46), (180, 120, 50), (90, 130, 70)))
    rgba = np.zeros((size, size + 70, 4), dtype=np.uint8)
    centre = (size // 2, size // 2)
    cv2.ellipse(rgba, (size - 10, size // 2), (58, 42), 0, 0, 360, (*shade(china, 0.85), 255), 24, cv2.LINE_AA)
    cv2.circle(rgba, centre, 146, (*shade(china, 0.92), 255), -1, cv2.LINE_AA)
    cv2.circle(rgba, centre, 140, (*china, 255), -1, cv2.LINE_AA)
    cv2.circle(rgba, centre, 122, (*shade(china, 0.7), 255), -1, cv2.LINE_AA)
    cv2.circle(rgba, (centre[0] + 3, centre[1] + 5), 114, (*drink, 255), -1, cv2.LINE_AA)
    cv2.ellipse(
        rgba, (centre[0] - 30, centre[1] - 34), (46, 20), -40, 0, 360, (*shade(drink, 1.7), 255), -1, cv2.LINE_AA
    )
    return Sprite(rgba, None, 60, shade(china, 0.85), 0.5), rng.uniform(0.55, 0.8)


def _cable(rng: np.random.Generator) -> tuple[Sprite, float]:
    size = 420
    colour = choose(rng, ((240, 240, 240), (30, 30, 32), (200, 60, 60), (70, 120, 200)))
    steps = np.linspace(0, 1, 90)
    wave = np.cumsum(rng.uniform(-1, 1, (4, 2)), axis=0)
    knots = np.linspace(0, 1, 4)
    x = 30 + 360 * steps + 45 * np.sin(steps * rng.uniform(4, 11) + rng.uniform(0, 6))
    y = 210 + 60 * np.interp(steps, knots, wave[:, 1]) + 70 * np.sin(steps * rng.uniform(4, 10))
    rgba = np.zeros((size, size, 4), dtype=np.uint8)
    path = [np.column_stack([x, y]).astype(np.int32)]
    cv2.polylines(rgba, path, False, (*shade(colour, 0.7), 255), 13, cv2.LINE_AA)
    cv2.polylines(rgba, path, False, (*colour, 255), 8, cv2.LINE_AA)
    cv2.rectangle(
        rgba, (int(x[-1]) - 8, int(y[-1]) - 11), (int(x[-1]) + 30, int(y[-1]) + 11), (*shade(colour, 0.9), 255), -1
    )
    return Sprite(rgba, shadow=0.4, lift=5), rng.uniform(0.9, 1.5)


def _paper(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = int(rng.integers(260, 340)), int(rng.integers(340, 430))
    colour = choose(rng, ((248, 248, 244), (250, 236, 140), (232, 240, 250), (250, 210, 214)))
    image, pen = sheet(width, length, colour)
    for y in range(40, length - 30, 24):
        pen.line((26, y, rng.uniform(0.5, 0.92) * width, y), fill=(110, 112, 124), width=4)
    pen.text((26, 6), "To do", fill=(60, 60, 80), font=font(24))
    return Sprite(with_alpha(image, rounded_mask(width, length, 1)), shadow=0.4, lift=3), rng.uniform(0.7, 1.1)


def _envelope(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = 400, 270
    colour = choose(rng, ((206, 178, 138), (246, 244, 238), (176, 200, 220)))
    image, pen = sheet(width, length, colour)
    pen.line((0, 0, width / 2, length * 0.55, width, 0), fill=shade(colour, 0.72), width=5)
    pen.rectangle((width - 80, 20, width - 24, 84), fill=vivid(rng))
    return Sprite(with_alpha(image, rounded_mask(width, length, 2)), shadow=0.45, lift=4), rng.uniform(0.9, 1.2)


def _keys(rng: np.random.Generator) -> tuple[Sprite, float]:
    rgba = np.zeros((260, 300, 4), dtype=np.uint8)
    for angle in rng.uniform(0, 6.3, 3):
        metal = choose(rng, ((190, 190, 195), (212, 178, 98), (150, 150, 156)))
        tip = (int(110 + 150 * np.cos(angle)), int(130 + 110 * np.sin(angle)))
        cv2.line(rgba, (110, 130), tip, (*metal, 255), 18, cv2.LINE_AA)
        head = (int(110 + 45 * np.cos(angle)), int(130 + 45 * np.sin(angle)))
        cv2.circle(rgba, head, 32, (*shade(metal, 0.9), 255), -1, cv2.LINE_AA)
    cv2.circle(rgba, (110, 130), 30, (170, 170, 176, 255), 7, cv2.LINE_AA)
    return Sprite(rgba, shadow=0.45, lift=6), rng.uniform(0.45, 0.65)


def _coin(rng: np.random.Generator) -> tuple[Sprite, float]:
    metal = choose(rng, ((205, 170, 90), (186, 186, 190), (176, 112, 76)))
    rgba = np.zeros((120, 120, 4), dtype=np.uint8)
    cv2.circle(rgba, (60, 60), 56, (*metal, 255), -1, cv2.LINE_AA)
    cv2.circle(rgba, (60, 60), 46, (*shade(metal, 0.8), 255), 4, cv2.LINE_AA)
    cv2.circle(rgba, (52, 50), 20, (*shade(metal, 1.2), 255), -1, cv2.LINE_AA)
    return Sprite(rgba, None, 8, shade(metal, 0.7), 0.5), rng.uniform(0.14, 0.2)


def _leaf(rng: np.random.Generator) -> tuple[Sprite, float]:
    green = choose(rng, ((70, 120, 60), (120, 150, 70), (190, 110, 40), (50, 90, 70)))
    rgba = np.zeros((420, 220, 4), dtype=np.uint8)
    t = np.linspace(0, np.pi, 40)
    right = np.column_stack([110 + 98 * np.sin(t) ** 1.2, 400 - 380 * t / np.pi])
    left = np.column_stack([110 - 98 * np.sin(t) ** 1.2, 400 - 380 * t / np.pi])[::-1]
    cv2.fillPoly(rgba, [np.concatenate([right, left]).astype(np.int32)], (*green, 255), cv2.LINE_AA)
    cv2.line(rgba, (110, 410), (110, 24), (*shade(green, 1.4), 255), 5, cv2.LINE_AA)
    for y in range(90, 370, 40):
        cv2.line(rgba, (110, y + 20), (176, y - 24), (*shade(green, 1.25), 255), 3, cv2.LINE_AA)
        cv2.line(rgba, (110, y + 20), (44, y - 24), (*shade(green, 1.25), 255), 3, cv2.LINE_AA)
    rgba[..., 3] = np.where(rgba[..., :3].any(axis=2), rgba[..., 3], 0)
    return Sprite(rgba, shadow=0.4, lift=10), rng.uniform(0.7, 1.1)


def _scarf(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = 230, 520
    first, second = vivid(rng), vivid(rng)
    image, pen = sheet(width, length, first)
    for y in range(0, length, 60):
        pen.rectangle((0, y, width, y + 26), fill=second)
    for x in range(0, width, 10):
        pen.line((x, length - 34, x + int(rng.integers(-3, 4)), length), fill=shade(first, 0.6), width=3)
    x = np.arange(width, dtype=np.float32)[None, :, None]
    folds = 0.82 + 0.18 * np.sin(x / rng.uniform(9, 17))
    rgb = np.clip(np.asarray(image) * folds, 0, 255).astype(np.uint8)
    return Sprite(with_alpha(rgb, rounded_mask(width, length, 4)), shadow=0.5, lift=8), rng.uniform(1.2, 1.6)


def _cutlery(rng: np.random.Generator) -> tuple[Sprite, float]:
    rgba = np.zeros((440, 90, 4), dtype=np.uint8)
    steel: Rgb = (196, 198, 204)
    cv2.line(rgba, (45, 130), (45, 415), (*shade(steel, 0.85), 255), 16, cv2.LINE_AA)
    cv2.ellipse(rgba, (45, 72), (34, 58), 0, 0, 360, (*steel, 255), -1, cv2.LINE_AA)
    cv2.ellipse(
        rgba, (40, 62), (18, 36), 0, 0, 360, (*shade(steel, float(rng.uniform(1.1, 1.25))), 255), -1, cv2.LINE_AA
    )
    return Sprite(rgba, shadow=0.45, lift=6), 1.0
