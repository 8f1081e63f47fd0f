"""What the report asks of its caller about pixels: it never opens a file itself."""

from __future__ import annotations

import base64
from typing import Protocol

from pytest_damover.report.text import Drawn


class Pictures(Protocol):
    """The re-encoded JPEG of a case, or None when its image is gone or no longer the one that was judged."""

    def __call__(self, suite: str, case: str, /) -> bytes | None:
        """JPEG bytes; they may be smaller than the image, for overlays are drawn in the image's own pixels."""
        ...


def no_pictures(suite: str, case: str, /) -> bytes | None:  # noqa: ARG001 - the protocol's parameters
    """Pictures for a caller that has none."""
    return None


def jpeg_uri(jpeg: bytes) -> Drawn:
    """The picture as a `data:` address."""
    return Drawn(f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}")
