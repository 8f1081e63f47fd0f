"""The only module that decodes pixels: one picture, one decode, one layout for every detector.

Rules, so that the same file means the same pixels everywhere: JPEG, PNG, BMP and WebP only; EXIF orientation is
applied; transparency is laid on white; 16 bits are scaled to 8, never clipped; CMYK and palettes become RGB; embedded
colour profiles are ignored, as OpenCV and ModelScope do; of an animation nothing is taken, it is refused.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.slicing.image_properties import ImageProperties
from pytest_damover.domain.slicing.luma import measure

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
MAX_PIXELS = 80_000_000
MAX_FILE_BYTES = 256 * 1024 * 1024
ALPHA_BACKGROUND = (255, 255, 255)

Pixels = NDArray[np.uint8]

_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_SHA256_MEMO: dict[str, tuple[tuple[int, int, int, int], str]] = {}


class Image:
    """A picture that is decoded when its pixels are first asked for, and not before.

    `key` is its path relative to the suite's root, '' when unknown; `path` is its file, None for a picture that was
    given as pixels. `decode_ns` is what decoding its file took, None before and for given pixels.
    """

    __slots__ = ("_pixels", "_properties", "_sha256", "decode_ns", "key", "path")

    def __init__(
        self, key: str = "", path: Path | None = None, pixels: Pixels | None = None, sha256: str | None = None
    ) -> None:
        self.key = key
        self.path = path
        self._pixels = pixels
        self._properties: ImageProperties | None = None
        self._sha256 = sha256
        self.decode_ns: int | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 in hex: of the file's bytes, or of size and pixels when there is no file."""
        if self._sha256 is None:
            self._sha256 = _pixels_sha256(self.pixels) if self.path is None else file_sha256(self.path)
        return self._sha256

    @property
    def pixels(self) -> Pixels:
        """(H, W, 3) uint8 RGB, read-only; `DamoverError` when the file is no picture that we accept."""
        if self._pixels is None:
            assert self.path is not None
            data = _read_regular(self.path)
            digest = hashlib.sha256(data).hexdigest()
            if self._sha256 not in (None, digest):
                raise _refusal(str(self.path), "the file changed while it was in use", "one picture during one run")
            self._sha256 = digest
            _load_pillow()
            began_ns = time.perf_counter_ns()
            self._pixels = _decode(data, str(self.path))
            self.decode_ns = time.perf_counter_ns() - began_ns
        return self._pixels

    @property
    def width_px(self) -> int:
        """Width of the decoded picture."""
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        """Height of the decoded picture."""
        return int(self.pixels.shape[0])

    @property
    def decoded_size_px(self) -> tuple[int, int] | None:
        """Width and height when the pixels have been asked for, else None."""
        return None if self._pixels is None else (self.width_px, self.height_px)

    @property
    def measured(self) -> ImageProperties | None:
        """Brightness, contrast and blur, measured once; None where the pixels have not been asked for, or are few."""
        if self._properties is None and self._pixels is not None:
            self._properties = measure(self._pixels)
        return self._properties

    def __repr__(self) -> str:
        return f"Image({self.key or self.path or self.pixels.shape!r})"


def open_image(
    source: str | Path | PillowImage | NDArray[np.uint8] | Image, key: str = "", sha256: str | None = None
) -> Image:
    """Make an `Image` of a path (nothing is read yet), a Pillow image, or an RGB array (H, W, 3) uint8.

    With `sha256` a path must still hold those bytes when its pixels are asked for. Raises `DamoverError` for an array
    of another shape or type; a bad file is refused when its pixels are asked for.
    """
    if isinstance(source, Image):
        return source
    if isinstance(source, (str, Path)):
        return Image(key, Path(source), sha256=sha256)
    where = key or "image"
    if isinstance(source, np.ndarray):
        return Image(key, None, _frozen(_checked_array(source, where).copy()))
    if hasattr(source, "getbands"):
        return Image(key, None, _frozen(_rgb(source, where)))
    raise _refusal(where, f"a {type(source).__name__}", "a path, a Pillow image, or an RGB array (H, W, 3) uint8")


def file_sha256(path: Path) -> str:
    """SHA-256 in hex of a regular file, remembered by size, modification time, inode and device.

    Raises `DamoverError` when it is missing or no regular file.
    """
    name = os.fspath(path)
    try:
        found = os.stat(name)  # noqa: PTH116 - called once a case
    except OSError as error:
        raise _refusal(name, f"cannot be read ({error.strerror})", "a file") from error
    signature = (found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)
    known = _SHA256_MEMO.get(name)
    if known is not None and known[0] == signature:
        return known[1]
    digest = hashlib.sha256(_read_regular(path)).hexdigest()
    _SHA256_MEMO[name] = (signature, digest)
    return digest


def encode_jpeg(pixels: Pixels, max_side_px: int = 640, quality: int = 80) -> bytes:
    """A JPEG made of `pixels` alone, nothing of the file they came from; its longer side at most `max_side_px`."""
    from PIL import Image as Pillow

    picture = Pillow.fromarray(np.ascontiguousarray(pixels))
    picture.thumbnail((max_side_px, max_side_px), Pillow.Resampling.BILINEAR)
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _read_regular(path: Path) -> bytes:
    """Bytes of a regular file; a pipe or a device is refused without waiting for it."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        raise _refusal(str(path), f"cannot be read ({error.strerror})", "a readable file") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _refusal(str(path), "not a regular file", "a regular file")
        if found.st_size > MAX_FILE_BYTES:
            raise _refusal(str(path), f"{found.st_size} bytes", f"at most {MAX_FILE_BYTES} bytes")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _load_pillow() -> None:
    """Import what decodes, which is no part of decoding the first picture."""
    from PIL import Image as Pillow
    from PIL import ImageFile, ImageOps  # noqa: F401

    Pillow.preinit()


def _decode(data: bytes, where: str) -> Pixels:
    from PIL import Image as Pillow
    from PIL import ImageFile, UnidentifiedImageError

    # other libraries set this switch for the whole process; half a picture is no picture here
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Pillow.open(BytesIO(data), formats=FORMATS) as picture:
                return _frozen(_rgb(picture, where))
    except DamoverError:
        raise
    except UnidentifiedImageError as error:
        raise _refusal(where, "not a picture of a format we accept", ", ".join(FORMATS)) from error
    except Exception as error:  # Pillow raises many types on broken files; each means the same here
        raise _refusal(where, f"cannot be decoded ({type(error).__name__}: {error})", "an undamaged picture") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _rgb(picture: PillowImage, where: str) -> Pixels:
    from PIL import ImageOps

    width, height = picture.size
    if width * height > MAX_PIXELS or min(width, height) < 1:
        raise _refusal(where, f"{width} x {height} pixels", f"1 to {MAX_PIXELS} pixels")
    if picture.format in ("PNG", "WEBP") and getattr(picture, "n_frames", 1) > 1:
        raise _refusal(where, "an animation", "one picture")
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I") or upright.mode == "F":
        return _scaled_grey(np.asarray(upright), where)
    if upright.has_transparency_data:
        return np.array(_on_background(upright.convert("RGBA")))
    return np.array(upright if upright.mode == "RGB" else upright.convert("RGB"))


def _on_background(picture: PillowImage) -> PillowImage:
    from PIL import Image as Pillow

    background = Pillow.new("RGBA", picture.size, (*ALPHA_BACKGROUND, 255))
    return Pillow.alpha_composite(background, picture).convert("RGB")


def _scaled_grey(values: NDArray[np.generic], where: str) -> Pixels:
    if values.dtype.kind not in "iu" or (values.size and (values.min() < 0 or values.max() > 0xFFFF)):
        raise _refusal(where, f"grey values of type {values.dtype}", "8 or 16 bits a channel")
    grey = ((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _checked_array(array: NDArray[np.uint8], where: str) -> Pixels:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        raise _refusal(where, f"an array {array.shape} of {array.dtype}", "RGB, (H, W, 3), uint8")
    return array


def _frozen(pixels: Pixels) -> Pixels:
    pixels.flags.writeable = False
    return pixels


def _pixels_sha256(pixels: Pixels) -> str:
    digest = hashlib.sha256(f"{pixels.shape[1]}x{pixels.shape[0]} RGB\n".encode())
    digest.update(pixels.tobytes())
    return digest.hexdigest()


def _refusal(where: str, found: str, allowed: str) -> DamoverError:
    return DamoverError(Fault(Code.IMAGE, where, found, allowed, "replace the picture"))
