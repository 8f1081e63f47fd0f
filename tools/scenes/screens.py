"""What a phone shows: home screens, clocks, chats, keyboards, maps, pictures, lists, calls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tools.scenes.pen import WORDS, Rgb, choose, font, gradient, sheet, smooth_noise, vivid

PAPER: tuple[Rgb, ...] = ((250, 250, 252), (242, 242, 247), (18, 18, 22), (30, 32, 40), (255, 251, 240))


def draw_screen(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """A lit screen of the given size in pixels."""
    kinds: tuple[Callable[[np.random.Generator, int, int], Image.Image], ...] = (
        _home, _home, _lock, _lock, _chat, _chat, _keyboard, _map, _picture, _feed, _call,
    )  # fmt: skip
    image = kinds[int(rng.integers(len(kinds)))](rng, width, height)
    _status_bar(rng, image)
    return np.asarray(image)


def _status_bar(rng: np.random.Generator, image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    width = image.width
    ink = (255, 255, 255) if np.mean(image.getpixel((width // 2, 4))) < 130 else (20, 20, 20)
    pen.text((14, 5), f"{rng.integers(0, 24)}:{rng.integers(0, 60):02d}", fill=ink, font=font(12))
    pen.rectangle((width - 34, 8, width - 16, 16), outline=ink)
    pen.rectangle((width - 33, 9, width - 16 - int(rng.integers(2, 12)), 15), fill=ink)
    for bar in range(4):
        pen.rectangle((width - 60 + 5 * bar, 15 - 2 * bar, width - 57 + 5 * bar, 16), fill=ink)


def _wallpaper(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    base = gradient(width, height, vivid(rng, 20, 220), vivid(rng, 60, 255), rng.uniform(0, 6.3)).astype(np.float32)
    if rng.random() < 0.6:
        waves = smooth_noise(rng, width, height, (3, 4))[..., None] * rng.uniform(-60, 60, 3).astype(np.float32)
        base = base + waves
    return Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))


def _home(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    image = _wallpaper(rng, width, height)
    pen = ImageDraw.Draw(image)
    step = width / 4
    icon = step * 0.64
    top = rng.uniform(30, 110)
    rows = int(rng.integers(3, 6))
    if top > 70:
        pen.rounded_rectangle((14, 32, width - 14, top - 8), radius=12, fill=vivid(rng, 90, 255))
    places = [(column, top + row * step * 1.12) for row in range(rows) for column in range(4)]
    pen.rounded_rectangle((8, height - step - 14, width - 8, height - 8), radius=18, fill=(225, 228, 235))
    places = [place for place in places if place[1] + icon < height - step - 20]
    for column, y in [*places, *((column, height - step - 2) for column in range(4))]:
        x = column * step + (step - icon) / 2
        colour = vivid(rng, 30, 255)
        pen.rounded_rectangle((x, y, x + icon, y + icon), radius=icon * 0.25, fill=colour)
        inner = icon * 0.28
        ink = (255, 255, 255) if sum(colour) < 480 else (40, 40, 60)
        if rng.random() < 0.5:
            pen.ellipse((x + inner, y + inner, x + icon - inner, y + icon - inner), fill=ink)
        else:
            pen.rectangle((x + inner, y + inner, x + icon - inner, y + icon - inner), fill=ink)
    return image


def _lock(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    image = _wallpaper(rng, width, height)
    pen = ImageDraw.Draw(image)
    ink = (255, 255, 255) if np.asarray(image).mean() < 170 else (30, 30, 40)
    clock = f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}"
    pen.text((width / 2, height * 0.2), clock, fill=ink, font=font(int(width * 0.32)), anchor="mm")
    pen.text((width / 2, height * 0.31), "Friday 20 November", fill=ink, font=font(14), anchor="mm")
    for note in range(int(rng.integers(0, 3))):
        y = height * (0.45 + 0.15 * note)
        pen.rounded_rectangle((12, y, width - 12, y + height * 0.12), radius=12, fill=(238, 238, 244))
        pen.rounded_rectangle((20, y + 10, 46, y + 36), radius=7, fill=vivid(rng))
        pen.text((54, y + 14), WORDS[int(rng.integers(len(WORDS)))], fill=(30, 30, 30), font=font(13))
    for x in (0.16, 0.84):
        cx, cy = width * x, height * 0.92
        pen.ellipse((cx - 15, cy - 15, cx + 15, cy + 15), fill=(70, 70, 80))
    return image


def _chat(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    paper = choose(rng, PAPER)
    image, pen = sheet(width, height, paper)
    accent = vivid(rng, 30, 230)
    pen.rectangle((0, 0, width, 52), fill=accent if rng.random() < 0.5 else (228, 228, 232))
    pen.ellipse((12, 24, 36, 48), fill=vivid(rng))
    y = 62.0
    while y < height - 60:
        mine = rng.random() < 0.5
        bubble, tall = width * rng.uniform(0.35, 0.72), float(rng.choice([26, 42, 58]))
        x = width - 10 - bubble if mine else 10
        pen.rounded_rectangle((x, y, x + bubble, y + tall), radius=12, fill=accent if mine else (205, 206, 212))
        for line in range(int(tall // 16)):
            text = WORDS[int(rng.integers(len(WORDS)))][: int(bubble / 8)]
            pen.text((x + 8, y + 6 + 16 * line), text, fill=(255, 255, 255) if mine else (30, 30, 30), font=font(12))
        y += tall + 9
    pen.rounded_rectangle((10, height - 40, width - 44, height - 14), radius=13, outline=(160, 160, 165), fill=paper)
    pen.ellipse((width - 38, height - 40, width - 12, height - 14), fill=accent)
    return image


def _keyboard(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    dark = rng.random() < 0.4
    image, pen = sheet(width, height, (24, 24, 28) if dark else (250, 250, 250))
    ink = (230, 230, 235) if dark else (40, 40, 48)
    for line in range(int(rng.integers(3, 9))):
        pen.text((16, 40 + line * 22), WORDS[int(rng.integers(len(WORDS)))], fill=ink, font=font(15))
    top = height * 0.6
    pen.rectangle((0, top, width, height), fill=(58, 60, 66) if dark else (209, 212, 219))
    step = width / 10
    for row, letters in enumerate(("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")):
        y = top + 10 + row * (height * 0.095)
        start = (width - step * len(letters)) / 2
        for index, letter in enumerate(letters):
            x = start + index * step
            key = (x + 1.5, y, x + step - 1.5, y + height * 0.08)
            pen.rounded_rectangle(key, radius=3, fill=(110, 112, 118) if dark else (255, 255, 255))
            pen.text((x + step / 2, y + height * 0.04), letter, fill=ink, font=font(12), anchor="mm")
    pen.rounded_rectangle((width * 0.25, height * 0.92, width * 0.75, height * 0.98), radius=4, fill=(255, 255, 255))
    return image


def _map(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    image, pen = sheet(width, height, (233, 229, 220))
    for _ in range(6):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        fill = ((190, 222, 180), (170, 205, 235))[int(rng.integers(2))]
        pen.ellipse((x - 60, y - 45, x + 60, y + 45), fill=fill)
    for _ in range(14):
        ends = (rng.uniform(-20, width), rng.uniform(0, height), rng.uniform(0, width + 20), rng.uniform(0, height))
        pen.line(ends, fill=(255, 255, 255), width=int(rng.integers(3, 9)))
    route = [(rng.uniform(20, width - 20), height * (0.9 - 0.15 * step)) for step in range(6)]
    pen.line(route, fill=(50, 110, 240), width=7, joint="curve")
    x, y = route[-1]
    pen.ellipse((x - 10, y - 10, x + 10, y + 10), fill=(225, 50, 45))
    pen.rounded_rectangle((12, 28, width - 12, 58), radius=14, fill=(255, 255, 255))
    return image


def _picture(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    image, pen = sheet(width, height, (8, 8, 10))
    top, bottom = int(height * rng.uniform(0.05, 0.28)), int(height * rng.uniform(0.68, 0.9))
    sky = gradient(width, bottom - top, vivid(rng, 90, 255), vivid(rng, 60, 240), 1.57)
    image.paste(Image.fromarray(sky), (0, top))
    horizon = top + (bottom - top) * rng.uniform(0.5, 0.75)
    sun = width * rng.uniform(0.2, 0.8)
    pen.ellipse((sun - 22, horizon - 60, sun + 22, horizon - 16), fill=(255, 235, 170))
    ridge = [(x, horizon + 22 * np.sin(x / 23 + rng.uniform(0, 0.6))) for x in range(0, width + 20, 20)]
    pen.polygon([(0, bottom), *ridge, (width, bottom)], fill=vivid(rng, 20, 150))
    middle = width / 2
    pen.polygon(
        [(middle - 8, height - 38), (middle + 12, height - 26), (middle - 8, height - 14)], fill=(240, 240, 240)
    )
    return image


def _feed(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    paper = choose(rng, PAPER)
    image, pen = sheet(width, height, paper)
    ink = (40, 40, 48) if sum(paper) > 380 else (225, 225, 230)
    y = 30.0
    while y < height:
        tall = float(rng.choice([44, 90, 120]))
        pen.rounded_rectangle(
            (10, y, width - 10, y + tall - 8), radius=8, fill=vivid(rng, 60, 250) if tall > 60 else None
        )
        pen.ellipse((14, y + 4, 40, y + 30), fill=vivid(rng))
        pen.text((48, y + 6), WORDS[int(rng.integers(len(WORDS)))], fill=ink, font=font(14))
        pen.line((48, y + 27, width * rng.uniform(0.5, 0.9), y + 27), fill=(150, 150, 155), width=3)
        y += tall
    return image


def _call(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    image = _wallpaper(rng, width, height)
    pen = ImageDraw.Draw(image)
    middle, y = width / 2, height * 0.3
    pen.ellipse((middle - 42, y - 42, middle + 42, y + 42), fill=vivid(rng, 120, 230))
    pen.ellipse((middle - 15, y - 24, middle + 15, y + 6), fill=(245, 225, 205))
    pen.pieslice((middle - 28, y + 6, middle + 28, y + 62), 180, 360, fill=(245, 225, 205))
    pen.text((middle, height * 0.47), "Anna", fill=(255, 255, 255), font=font(26), anchor="mm")
    for x, colour in ((0.27, (225, 55, 50)), (0.73, (50, 190, 85))):
        cx, cy = width * x, height * 0.85
        pen.ellipse((cx - 24, cy - 24, cx + 24, cy + 24), fill=colour)
    return image
