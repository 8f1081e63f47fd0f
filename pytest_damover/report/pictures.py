"""What the report asks of its caller about pixels, and how many it may hold: it never opens a file itself."""

from __future__ import annotations

import base64
from typing import Protocol

from pytest_damover.domain.case import Box
from pytest_damover.report.text import Drawn

# the longer side of a picture in the report; what is larger is made smaller, so its details need a crop of their own
PICTURE_SIDE_PX = 480
MOST_IMAGES = 200
MOST_IMAGE_BYTES = 6_000_000


class Pictures(Protocol):
    """The re-encoded JPEG of a case, or None when its image is gone or no longer the one that was judged."""

    def __call__(self, suite: str, case: str, region: Box | None = None, /) -> bytes | None:
        """JPEG bytes of the whole image, or of `region` in its own pixels.

        They may be smaller than what they show, for overlays are drawn in the image's own pixels.
        """
        ...


class Album:
    """The pictures of one candidate, until as many images or bytes as the page has room for have been taken."""

    def __init__(self, pictures: Pictures, candidates: int = 1) -> None:
        self._pictures = pictures
        self._images_left = MOST_IMAGES // max(1, candidates)
        self._bytes_left = MOST_IMAGE_BYTES // max(1, candidates)

    @property
    def is_full(self) -> bool:
        """True when no further picture would find room."""
        return self._images_left <= 0 or self._bytes_left <= 0

    def take(self, suite: str, case: str, region: Box | None = None) -> Drawn | None:
        """The picture as a `data:` address; None without one, and when the album is full."""
        jpeg = None if self.is_full else self._pictures(suite, case, region)
        if jpeg is None:
            return None
        address = jpeg_uri(jpeg)
        self._images_left -= 1
        self._bytes_left -= len(address)
        return address


def no_pictures(suite: str, case: str, region: Box | None = None, /) -> bytes | None:  # noqa: ARG001 - the protocol's
    """Pictures for a caller that has none."""
    return None


def jpeg_uri(jpeg: bytes) -> Drawn:
    """The picture as a `data:` address."""
    return Drawn(f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}")
