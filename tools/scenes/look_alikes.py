"""Things of a phone's size or shape that are not phones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from tools.scenes.canvas import Sprite
from tools.scenes.pen import TITLES, Rgb, choose, font, gradient, rounded_mask, shade, sheet, vivid, with_alpha
from tools.scenes.screens import draw_screen

LEATHERS: tuple[Rgb, ...] = ((92, 56, 36), (40, 34, 32), (138, 84, 48), (110, 34, 38), (56, 66, 84))


def draw_look_alike(rng: np.random.Generator) -> tuple[Sprite, float]:
    """A sprite and how long it is compared with a phone."""
    kinds: tuple[Callable[[np.random.Generator], tuple[Sprite, float]], ...] = (
        _remote, _remote, _wallet, _book, _tablet, _calculator, _chocolate, _notebook, _power_bank, _photo,
    )  # fmt: skip
    return kinds[int(rng.integers(len(kinds)))](rng)


def _sprite(image: Image.Image, radius: float, thickness: float, side: Rgb) -> Sprite:
    return Sprite(with_alpha(image, rounded_mask(image.width, image.height, radius)), None, thickness, side, 0.5)


def _remote(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = int(rng.integers(96, 130)), 440
    body = choose(rng, ((34, 34, 38), (60, 62, 66), (214, 214, 216), (24, 26, 32)))
    image, pen = sheet(width, length, body)
    ink = (225, 225, 228) if sum(body) < 300 else (70, 70, 76)
    pen.rounded_rectangle((1, 1, width - 2, length - 2), radius=26, outline=shade(body, 1.5), width=2)
    pen.ellipse((14, 18, 36, 40), fill=(215, 50, 46))
    middle = width / 2
    pen.ellipse((middle - 36, 62, middle + 36, 134), outline=ink, width=3, fill=shade(body, 1.4))
    pen.ellipse((middle - 14, 84, middle + 14, 112), fill=ink)
    for row in range(5):
        for column in range(3):
            x, y = middle + (column - 1) * width * 0.28, 164 + row * 37
            pen.rounded_rectangle((x - 11, y - 9, x + 11, y + 9), radius=6, fill=ink)
            pen.text((x, y), str(row * 3 + column + 1), fill=body, font=font(11), anchor="mm")
    for column, colour in enumerate(((210, 60, 50), (60, 170, 80), (225, 190, 60), (60, 100, 200))):
        x = middle + (column - 1.5) * width * 0.2
        pen.rounded_rectangle((x - 8, 350, x + 8, 360), radius=4, fill=colour)
    pen.text((middle, 408), "TELE", fill=ink, font=font(16), anchor="mm")
    return _sprite(image, 28, 24, shade(body, 0.7)), 1.05


def _wallet(rng: np.random.Generator) -> tuple[Sprite, float]:
    leather = choose(rng, LEATHERS)
    width, length = int(rng.integers(210, 290)), int(rng.integers(330, 400))
    image = Image.fromarray(gradient(width, length, shade(leather, 1.2), shade(leather, 0.85), rng.uniform(0, 6.3)))
    pen = ImageDraw.Draw(image)
    for step in range(12, length - 12, 13):
        for x in (9, width - 11):
            pen.line((x, step, x, step + 7), fill=shade(leather, 1.8), width=2)
    for step in range(12, width - 12, 13):
        for y in (9, length - 11):
            pen.line((step, y, step + 7, y), fill=shade(leather, 1.8), width=2)
    pen.line((width / 2, 0, width / 2, length), fill=shade(leather, 0.6), width=4)
    if rng.random() < 0.5:
        pen.rounded_rectangle((width * 0.55, length * 0.42, width, length * 0.58), radius=10, fill=shade(leather, 0.75))
        pen.ellipse((width * 0.62, length * 0.47, width * 0.62 + 22, length * 0.47 + 22), fill=(205, 190, 130))
    return _sprite(image, 16, 30, shade(leather, 0.6)), 0.85


def _book(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = int(rng.integers(230, 320)), 430
    cover = vivid(rng, 30, 230)
    image = Image.fromarray(gradient(width, length, cover, shade(cover, 0.75), rng.uniform(0, 6.3)))
    pen = ImageDraw.Draw(image)
    ink = (250, 240, 215) if sum(cover) < 420 else (40, 36, 50)
    pen.line((16, 0, 16, length), fill=shade(cover, 0.6), width=4)
    title = TITLES[int(rng.integers(len(TITLES)))]
    pen.text((width / 2, 88), title, fill=ink, font=font(42), anchor="mm")
    pen.line((width * 0.25, 124, width * 0.75, 124), fill=ink, width=3)
    kind = rng.integers(3)
    if kind == 0:
        pen.ellipse((width / 2 - 70, 180, width / 2 + 70, 320), fill=vivid(rng))
    elif kind == 1:
        pen.polygon([(width / 2, 170), (width * 0.82, 330), (width * 0.18, 330)], fill=vivid(rng))
    else:
        for line in range(6):
            pen.rectangle((width * 0.2, 180 + line * 26, width * 0.8, 192 + line * 26), fill=shade(ink, 0.9))
    pen.text((width / 2, length - 40), "A. Author", fill=ink, font=font(22), anchor="mm")
    return _sprite(image, 5, 45, (226, 218, 200)), rng.uniform(1.1, 1.5)


def _tablet(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = 340, 450
    frame = choose(rng, ((20, 20, 22), (232, 232, 234), (150, 152, 156)))
    image, pen = sheet(width, length, frame)
    edge = int(rng.integers(30, 40))
    inner = (width - 2 * edge, length - 2 * edge)
    lit = bool(rng.random() < 0.7)
    screen = draw_screen(rng, *inner) if lit else gradient(*inner, (14, 15, 18), (50, 54, 62), rng.uniform(0, 6.3))
    image.paste(Image.fromarray(screen), (edge, edge))
    pen.ellipse(
        (width / 2 - 11, length - edge + 6, width / 2 + 11, length - edge + 28), outline=(130, 130, 134), width=2
    )
    pen.ellipse((width / 2 - 4, edge / 2 - 4, width / 2 + 4, edge / 2 + 4), fill=(50, 54, 70))
    rgb = np.asarray(image).copy()
    emission = np.zeros_like(rgb)
    if lit:
        window = (slice(edge, length - edge), slice(edge, width - edge))
        emission[window], rgb[window] = rgb[window], 0
    mask = rounded_mask(width, length, 22)
    return Sprite(with_alpha(rgb, mask), emission if lit else None, 16, shade(frame, 0.7), 0.5), rng.uniform(1.6, 1.95)


def _calculator(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = 240, 400
    body = choose(rng, ((44, 46, 52), (200, 200, 204), (62, 84, 110), (226, 214, 190)))
    image, pen = sheet(width, length, body)
    pen.rounded_rectangle((18, 22, width - 18, 96), radius=6, fill=(172, 188, 160), outline=(60, 60, 60), width=2)
    pen.text((width - 28, 60), str(rng.integers(10, 99999)), fill=(40, 46, 40), font=font(34), anchor="rm")
    for row in range(5):
        for column in range(4):
            x, y = 20 + column * 52, 122 + row * 53
            colour = (222, 120, 50) if column == 3 else shade(body, 1.5 if sum(body) < 400 else 0.7)
            pen.rounded_rectangle((x, y, x + 43, y + 40), radius=7, fill=colour)
            pen.text(
                (x + 21, y + 20),
                "789/456x123-0.=+C%()"[row * 4 + column],
                fill=(250, 250, 250),
                font=font(20),
                anchor="mm",
            )
    return _sprite(image, 14, 22, shade(body, 0.7)), 0.95


def _chocolate(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = 190, 410
    cocoa = choose(rng, ((88, 52, 32), (122, 76, 46), (60, 36, 26)))
    image, pen = sheet(width, length, cocoa)
    for row in range(7):
        for column in range(3):
            x, y = 8 + column * 59, 6 + row * 57
            pen.rectangle((x, y, x + 54, y + 51), fill=shade(cocoa, 0.8))
            pen.rectangle((x + 6, y + 6, x + 48, y + 45), fill=shade(cocoa, 1.18))
    wrap = int(length * rng.uniform(0.3, 0.65))
    paper = vivid(rng)
    pen.rectangle((0, wrap, width, length), fill=paper)
    pen.rectangle((0, wrap - 14, width, wrap), fill=(214, 214, 218))
    pen.text((width / 2, (wrap + length) / 2), "CACAO", fill=(250, 240, 220), font=font(38), anchor="mm")
    return _sprite(image, 3, 16, shade(cocoa, 0.6)), 1.0


def _notebook(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = int(rng.integers(210, 290)), 400
    image, pen = sheet(width, length, (246, 243, 232))
    for y in range(40, length, 22):
        pen.line((0, y, width, y), fill=(150, 175, 215), width=2)
        if rng.random() < 0.6:
            pen.line((24, y - 7, rng.uniform(60, width - 20), y - 7), fill=(60, 60, 90), width=3)
    for x in range(12, width, 18):
        pen.ellipse((x - 4, 8, x + 4, 16), fill=(90, 90, 95))
    return _sprite(image, 4, 14, (220, 215, 200)), rng.uniform(0.9, 1.3)


def _power_bank(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = 210, 400
    body = choose(rng, ((36, 36, 40), (230, 230, 232), (70, 96, 150), (190, 60, 70)))
    image = Image.fromarray(gradient(width, length, shade(body, 1.1), shade(body, 0.85), 0.4))
    pen = ImageDraw.Draw(image)
    ink = (225, 225, 228) if sum(body) < 400 else (90, 90, 96)
    pen.text((width / 2, length * 0.5), "POWER", fill=ink, font=font(36), anchor="mm")
    pen.text((width / 2, length * 0.6), "10000 mAh", fill=ink, font=font(20), anchor="mm")
    for lamp in range(4):
        pen.ellipse((60 + lamp * 26, 30, 70 + lamp * 26, 40), fill=(90, 220, 130) if lamp < 3 else (60, 70, 64))
    return _sprite(image, 36, 40, shade(body, 0.7)), 0.95


def _photo(rng: np.random.Generator) -> tuple[Sprite, float]:
    width, length = 300, 360
    image, _ = sheet(width, length, (248, 247, 243))
    sky = gradient(width - 40, length - 100, vivid(rng, 100, 240), vivid(rng, 60, 220), 1.57)
    picture = Image.fromarray(sky)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((150, 30, 200, 80), fill=(255, 236, 170))
    pen.polygon([(0, 260), (0, 180), (90, 110), (170, 190), (260, 130), (260, 260)], fill=vivid(rng, 30, 150))
    image.paste(picture, (20, 20))
    return _sprite(image, 2, 3, (225, 225, 220)), 0.9
