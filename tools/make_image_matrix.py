"""Make ``tests/data/images`` again: twenty files and what becomes of each: ``python -m tools.make_image_matrix``.

Lossy files hold blocks of one colour, which every decoder gives back alike. Look at the difference before you commit
it: a digest that changed means that the same file gives other pixels.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms

from pytest_damover.domain.errors import DamoverError
from pytest_damover.images import open_image

IMAGES = Path(__file__).resolve().parents[1] / "tests" / "data" / "images"
RED, GREEN = (254, 0, 0), (0, 255, 1)


def main() -> None:
    """Write the files, decode them, and write down what came of it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, content in files():
        (IMAGES / name).write_bytes(content)
        expected[name] = outcome(IMAGES / name)
        print(name, expected[name])
    (IMAGES / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def outcome(path: Path) -> dict[str, object]:
    """Width, height and SHA-256 of the decoded RGB bytes, or the code of the refusal."""
    try:
        pixels = open_image(path).pixels
    except DamoverError as error:
        return {"refused": error.faults[0].code.value}
    return {"size_px": [pixels.shape[1], pixels.shape[0]], "pixels": hashlib.sha256(pixels.tobytes()).hexdigest()}


def files() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each."""
    yield from _taken()
    yield from _refused()


def _taken() -> Iterator[tuple[str, bytes]]:
    picture = _blocks()
    clear = Pillow.new("RGBA", (2, 1), (*RED, 128))
    clear.putpixel((1, 0), (0, 0, 0, 0))
    grey16 = Pillow.fromarray(np.array([[0, 257, 32768, 65535]], np.uint16))
    upright = Pillow.Exif()
    upright[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield "rgb.png", _saved(picture, "PNG")
    yield "rgb.bmp", _saved(picture, "BMP")
    yield "lossless.webp", _saved(picture, "WEBP", lossless=True)
    yield "grey.png", _saved(picture.convert("L"), "PNG")
    yield "one-bit.png", _saved(picture.convert("1", dither=Pillow.Dither.NONE), "PNG")
    yield "palette.png", _saved(picture.quantize(4), "PNG")
    yield "palette-transparent.png", _saved(picture.quantize(4), "PNG", transparency=0)
    yield "transparent.png", _saved(clear, "PNG")
    yield "grey-transparent.png", _saved(clear.convert("LA"), "PNG")
    yield "grey-16-bit.png", _saved(grey16, "PNG")
    yield "rgb-16-bit.png", _rgb16()
    yield "colour-profile.png", _saved(picture, "PNG", icc_profile=profile)
    yield "cmyk.jpg", _saved(Pillow.new("CMYK", (16, 8), (0, 0, 0, 127)), "JPEG", quality=100)
    yield "on-its-side.jpg", _saved(_grey_blocks(), "JPEG", quality=100, exif=upright)


def _refused() -> Iterator[tuple[str, bytes]]:
    noise = Pillow.fromarray(np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8))
    frames = [_blocks(), _blocks().rotate(180)]
    yield "cut-off.jpg", _saved(noise, "JPEG")[:-300]
    yield "cut-off.png", _saved(noise, "PNG")[:-300]
    yield "animation.png", _saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    yield "gif-by-another-name.png", _saved(_blocks(), "GIF")
    yield "drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n'
    yield "bomb.png", _png(60_000, 60_000, 8, 2, b"")


def _blocks() -> Pillow.Image:
    picture = Pillow.new("RGB", (32, 16), RED)
    picture.paste(GREEN, (16, 0, 32, 16))
    return picture


def _grey_blocks() -> Pillow.Image:
    picture = Pillow.new("L", (32, 16), 64)
    picture.paste(192, (16, 0, 32, 16))
    return picture


def _saved(picture: Pillow.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _rgb16() -> bytes:
    values = (0, 257, 32768, 65535, 1000, 40000)
    return _png(2, 1, 16, 2, b"\0" + b"".join(struct.pack(">H", value) for value in values))


def _png(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


if __name__ == "__main__":
    main()
