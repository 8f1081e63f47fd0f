"""Drawing shared by all textures: palettes, fonts that ship with Pillow, rounded shapes, smooth noise."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Rgb = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

WORDS = (
    "Milk eggs bread", "On my way", "See you at 8", "Meeting moved", "Where are you?", "Thank you!", "Call me back",
    "Train 14:05", "Gate B22", "Happy birthday", "OK", "Sounds good", "Photo", "Invoice 204", "Weather 21", "Deal",
)  # fmt: skip
TITLES = ("ATLAS", "Night Sea", "Garden", "Algebra", "THE RIVER", "Letters", "Cooking", "Poems", "History", "Birds")


@lru_cache(maxsize=64)
def font(size: int) -> Font:
    """Pillow's own font, so that no machine's font folder decides what a scene looks like."""
    return ImageFont.load_default(size=size)


def choose(rng: np.random.Generator, options: tuple[Rgb, ...]) -> Rgb:
    """One colour of a palette, slightly varied."""
    base = np.array(options[int(rng.integers(len(options)))])
    red, green, blue = np.clip(base + rng.integers(-10, 11, 3), 0, 255).tolist()
    return red, green, blue


def vivid(rng: np.random.Generator, low: int = 40, high: int = 235) -> Rgb:
    """Any colour."""
    red, green, blue = rng.integers(low, high, 3).tolist()
    return red, green, blue


def shade(colour: Rgb, factor: float) -> Rgb:
    """The same colour lighter or darker."""
    red, green, blue = (int(np.clip(channel * factor, 0, 255)) for channel in colour)
    return red, green, blue


def sheet(width: int, height: int, colour: Rgb) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An opaque picture and its pen."""
    image = Image.new("RGB", (width, height), colour)
    return image, ImageDraw.Draw(image)


def rounded_mask(width: int, height: int, radius: float, inset: float = 0) -> NDArray[np.uint8]:
    """255 inside a rounded rectangle, 0 outside."""
    mask = Image.new("L", (width, height), 0)
    box = (inset, inset, width - 1 - inset, height - 1 - inset)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=radius, fill=255)
    return np.asarray(mask)


def gradient(width: int, height: int, first: Rgb, second: Rgb, angle: float) -> NDArray[np.uint8]:
    """A linear blend of two colours in the direction ``angle`` (radians)."""
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    along = np.clip(x * np.cos(angle) + y * np.sin(angle) + 0.5, 0, 1)[..., None]
    blend = np.array(first, dtype=np.float32) * (1 - along) + np.array(second, dtype=np.float32) * along
    return blend.astype(np.uint8)


def smooth_noise(rng: np.random.Generator, width: int, height: int, cells: tuple[int, int]) -> NDArray[np.float32]:
    """Random values in [-1, 1] on a coarse grid, blown up smoothly: ``cells`` is columns, rows."""
    coarse = rng.uniform(-1, 1, (max(2, cells[1]), max(2, cells[0]))).astype(np.float32)
    noise: NDArray[np.float32] = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return noise


def with_alpha(rgb: Image.Image | NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB and mask as one RGBA texture."""
    return np.dstack([np.asarray(rgb, dtype=np.uint8), mask])
