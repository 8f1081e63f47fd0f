"""From surface colours and emitted light to what a sensor records, by day and by night."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.scenes.canvas import Canvas, FloatImage


def expose(rng: np.random.Generator, canvas: Canvas, night: bool, supersampling: int) -> NDArray[np.uint8]:
    """Light the scene, scale it down to the finished size and add what the camera adds; RGB, uint8."""
    lit = _by_night(rng, canvas) if night else _by_day(rng, canvas)
    width, height = canvas.size
    small = cv2.resize(lit, (width // supersampling, height // supersampling), interpolation=cv2.INTER_AREA)
    return _sensor(rng, small, night)


def _by_day(rng: np.random.Generator, canvas: Canvas) -> FloatImage:
    width, height = canvas.size
    ambient = _fall_off(rng, width, height, 0.25) * rng.uniform(0.78, 1.05)
    warmth = rng.uniform(-0.09, 0.09)
    cast = np.array([1 + warmth, 1.0, 1 - warmth], dtype=np.float32)
    if rng.random() < 0.3:
        ambient *= _slanted_sun(rng, width, height)
    # A screen looks dimmer by day, because the eye of the camera is stopped down.
    return (canvas.albedo * (ambient[..., None] * cast) + canvas.emission * rng.uniform(0.72, 0.98)).astype(np.float32)


def _by_night(rng: np.random.Generator, canvas: Canvas) -> FloatImage:
    width, height = canvas.size
    ambient = _fall_off(rng, width, height, 0.5) * rng.uniform(0.11, 0.26)
    casts = ((0.72, 0.86, 1.25), (1.3, 0.92, 0.55), (0.8, 1.0, 0.95), (1.0, 0.8, 1.15))
    cast = np.array(casts[int(rng.integers(len(casts)))], dtype=np.float32)
    light = ambient[..., None] * cast
    if rng.random() < 0.6:
        light = light + _lamp(rng, width, height)
    small = cv2.resize(canvas.emission, (width // 8, height // 8), interpolation=cv2.INTER_AREA)
    glow = cv2.resize(cv2.GaussianBlur(small, (0, 0), 0.035 * width), (width, height))
    brightness = rng.uniform(0.35, 1.0)
    light = light + glow * 0.55 * brightness
    haze = glow * 0.16 * brightness
    return (canvas.albedo * light + canvas.emission * brightness + haze).astype(np.float32)


def _fall_off(rng: np.random.Generator, width: int, height: int, strength: float) -> FloatImage:
    angle = rng.uniform(0, 6.3)
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    slope = 1 + strength * (x * np.cos(angle) + y * np.sin(angle))
    vignette = 1 - 0.35 * strength * (x * x + y * y) * 2
    return (slope * vignette).astype(np.float32)


def _slanted_sun(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    """The light of a window on the table: bright stripes with soft edges."""
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    period, slope = rng.uniform(0.35, 0.8) * width, rng.uniform(-1, 1)
    phase = np.sin((x + slope * y) * 6.283 / period + rng.uniform(0, 6.3))
    bright = 1 / (1 + np.exp(-np.clip(phase * 14, -30, 30)))
    return (0.7 + 0.38 * bright).astype(np.float32)


def _lamp(rng: np.random.Generator, width: int, height: int) -> FloatImage:
    """A pool of warm or cold light somewhere in the picture."""
    x = np.arange(width, dtype=np.float32)[None, :] - rng.uniform(-0.2, 1.2) * width
    y = np.arange(height, dtype=np.float32)[:, None] - rng.uniform(-0.2, 1.2) * height
    reach = rng.uniform(0.25, 0.6) * width
    pool = np.exp(-(x * x + y * y) / (2 * reach * reach)) * rng.uniform(0.2, 0.65)
    colour = np.array(((1.0, 0.78, 0.45), (0.8, 0.9, 1.0), (1.0, 0.9, 0.7))[int(rng.integers(3))], dtype=np.float32)
    return (pool[..., None] * colour).astype(np.float32)


def _sensor(rng: np.random.Generator, image: FloatImage, night: bool) -> NDArray[np.uint8]:
    blur = rng.uniform(0.3, 0.9) if night else rng.uniform(0.0, 0.55)
    if blur > 0.25:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    read, shot = (rng.uniform(0.012, 0.035), rng.uniform(0.015, 0.04)) if night else (0.006, 0.008)
    level = np.sqrt(read**2 + (shot**2) * np.clip(image, 0, 1))
    luma = rng.standard_normal((*image.shape[:2], 1))
    chroma = rng.standard_normal(image.shape)
    noisy = image + level * (0.75 * luma + 0.45 * chroma)
    return (np.clip(noisy, 0, 1) * 255 + 0.5).astype(np.uint8)
