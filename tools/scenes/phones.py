"""Phones: fronts with bezel, cutout and screen, backs with a camera module, with or without a case."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tools.scenes.canvas import Sprite
from tools.scenes.pen import Rgb, choose, gradient, rounded_mask, shade, sheet, smooth_noise, vivid, with_alpha
from tools.scenes.screens import draw_screen

WIDTH = 200
FRAMES: tuple[Rgb, ...] = (
    (28, 28, 31), (60, 62, 68), (178, 180, 184), (212, 196, 170), (58, 74, 104), (150, 40, 46), (198, 176, 205),
)  # fmt: skip
BACKS: tuple[Rgb, ...] = (
    (30, 31, 35), (236, 236, 238), (62, 86, 128), (178, 204, 190), (226, 196, 196), (196, 60, 58), (110, 100, 150),
    (88, 96, 88), (244, 222, 150),
)  # fmt: skip


def draw_phone(rng: np.random.Generator, back_share: float = 0.22, lit_share: float = 0.68) -> tuple[Sprite, bool]:
    """A phone as a sprite, and whether its screen is lit."""
    length = int(WIDTH * rng.uniform(1.95, 2.2))
    radius = float(rng.uniform(20, 34))
    if rng.random() < back_share:
        return _back(rng, length, radius), False
    lit = bool(rng.random() < lit_share)
    return _front(rng, length, radius, lit), lit


def _front(rng: np.random.Generator, length: int, radius: float, lit: bool) -> Sprite:
    frame = choose(rng, FRAMES)
    cased = rng.random() < 0.3
    rim = int(rng.integers(7, 12)) if cased else int(rng.integers(3, 6))
    edge = vivid(rng) if cased else frame
    image, pen = sheet(WIDTH, length, edge)
    pen.rounded_rectangle((1, 1, WIDTH - 2, length - 2), radius=radius, outline=shade(edge, 1.45), width=2)
    bezel = int(rng.integers(3, 8))
    glass = (rim, rim, WIDTH - 1 - rim, length - 1 - rim)
    older = rng.random() < 0.15
    glass_colour = (238, 238, 240) if older and rng.random() < 0.4 else (12, 12, 14)
    pen.rounded_rectangle(glass, radius=max(8.0, radius - rim), fill=glass_colour)
    chin = int(length * 0.115) if older else 0
    x0, y0 = rim + bezel, rim + bezel + chin
    width, height = WIDTH - 2 * x0, length - 2 * y0
    screen_mask = rounded_mask(width, height, 3 if older else max(6.0, radius - rim - bezel))
    screen = draw_screen(rng, width, height) if lit else _dark_glass(rng, width, height)
    image.paste(Image.fromarray(screen), (x0, y0), Image.fromarray(screen_mask))
    _cutout(rng, pen, length, x0, y0, older)
    rgb = np.asarray(image)
    emission = None
    if lit:
        # A lit screen is its own light: the body keeps a dark pane where the screen is, the light comes on top.
        emission = np.zeros_like(rgb)
        inside = np.zeros((length, WIDTH), dtype=np.float32)
        inside[y0 : y0 + height, x0 : x0 + width] = screen_mask / 255.0
        emission = (rgb * inside[..., None]).astype(np.uint8)
        rgb = (rgb * (1 - inside[..., None])).astype(np.uint8)
    rgb = _glare(rng, rgb, glass, 0.25 if lit else 0.5)
    side = shade(edge, 0.8)
    mask = rounded_mask(WIDTH, length, radius)
    return Sprite(with_alpha(rgb, mask), emission, float(rng.uniform(13, 22)), side, 0.55)


def _cutout(rng: np.random.Generator, pen: ImageDraw.ImageDraw, length: int, x0: int, y0: int, older: bool) -> None:
    middle = WIDTH // 2
    if older:
        pen.ellipse((middle - 13, length - 34, middle + 13, length - 8), outline=(120, 120, 124), width=2)
        pen.rounded_rectangle((middle - 18, y0 // 2 - 2, middle + 18, y0 // 2 + 2), radius=2, fill=(90, 90, 94))
        return
    kind = rng.integers(4)
    if kind == 0:
        pen.rounded_rectangle((middle - 42, y0 - 14, middle + 42, y0 + 13), radius=11, fill=(6, 6, 8))
    elif kind == 1:
        pen.rounded_rectangle((middle - 26, y0 + 6, middle + 26, y0 + 21), radius=8, fill=(6, 6, 8))
    else:
        x = middle if kind == 2 else x0 + 18
        pen.ellipse((x - 7, y0 + 6, x + 7, y0 + 20), fill=(6, 6, 8))
        pen.ellipse((x - 2, y0 + 11, x + 2, y0 + 15), fill=(40, 50, 80))


def _dark_glass(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    tint = tuple(int(v) for v in rng.integers(8, 24, 3))
    pane = gradient(width, height, shade((tint[0], tint[1], tint[2]), 1.0), (46, 50, 58), rng.uniform(0, 6.3))
    smudge = smooth_noise(rng, width, height, (4, 7))[..., None] * 7
    return np.clip(pane + smudge, 0, 255).astype(np.uint8)


def _glare(
    rng: np.random.Generator, rgb: NDArray[np.uint8], glass: tuple[int, int, int, int], strength: float
) -> NDArray[np.uint8]:
    """A window's reflection: a soft slanted band across the glass."""
    if rng.random() < 0.35:
        return rgb
    height, width = rgb.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    along = x + y * rng.uniform(0.3, 0.8) - rng.uniform(0, width + 0.5 * height)
    band = 1 / (1 + np.exp(-np.clip(along / 5, -30, 30))) - 1 / (
        1 + np.exp(-np.clip((along - rng.uniform(40, 150)) / 5, -30, 30))
    )
    keep = np.zeros_like(band)
    keep[glass[1] : glass[3], glass[0] : glass[2]] = 1
    light = (band * keep * strength * rng.uniform(0.3, 1.0))[..., None]
    return np.clip(rgb * (1 - light) + 235 * light, 0, 255).astype(np.uint8)


def _back(rng: np.random.Generator, length: int, radius: float) -> Sprite:
    colour = vivid(rng) if rng.random() < 0.25 else choose(rng, BACKS)
    rgb = gradient(WIDTH, length, shade(colour, 1.12), shade(colour, 0.82), rng.uniform(0, 6.3))
    image = Image.fromarray(rgb)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((1, 1, WIDTH - 2, length - 2), radius=radius, outline=shade(colour, 0.6), width=3)
    _camera_module(rng, pen, colour)
    if rng.random() < 0.6:
        middle, y, size = WIDTH / 2, length * 0.5, rng.uniform(9, 17)
        pen.ellipse(
            (middle - size, y - size, middle + size, y + size), fill=shade(colour, 0.72 if sum(colour) > 300 else 1.9)
        )
    full = (3, 3, WIDTH - 3, length - 3)
    mask = rounded_mask(WIDTH, length, radius)
    glossy = _glare(rng, np.asarray(image), full, 0.3)
    return Sprite(with_alpha(glossy, mask), None, float(rng.uniform(13, 22)), shade(colour, 0.6), 0.55)


def _camera_module(rng: np.random.Generator, pen: ImageDraw.ImageDraw, colour: Rgb) -> None:
    island = shade(colour, 0.86) if sum(colour) > 200 else shade(colour, 1.5)
    kind = rng.integers(4)
    if kind == 0:
        pen.rounded_rectangle((14, 14, 98, 98), radius=22, fill=island, outline=shade(island, 0.75), width=2)
        lenses = [(38, 38), (38, 75), (74, 56)]
    elif kind == 1:
        pen.rounded_rectangle((14, 14, 62, 140), radius=22, fill=island, outline=shade(island, 0.75), width=2)
        lenses = [(38, 38), (38, 77), (38, 116)]
    elif kind == 2:
        pen.rectangle((4, 48, WIDTH - 5, 98), fill=(24, 24, 27))
        lenses = [(54, 73), (94, 73), (134, 73)]
    else:
        pen.ellipse((45, 20, 155, 130), fill=(26, 26, 30), outline=(120, 120, 124), width=3)
        lenses = [(78, 55), (122, 55), (78, 97), (122, 97)]
    for x, y in lenses:
        pen.ellipse((x - 16, y - 16, x + 16, y + 16), fill=(10, 10, 12), outline=(125, 125, 130), width=3)
        pen.ellipse((x - 7, y - 7, x + 7, y + 7), fill=(28, 34, 58))
        pen.ellipse((x - 6, y - 7, x - 1, y - 2), fill=(150, 165, 200))
    x, y = lenses[-1][0], lenses[0][1]
    pen.ellipse((x - 4 + 30, y - 4, x + 4 + 30, y + 4), fill=(250, 240, 200))
