"""pytest-damover: may this revision of a detection model replace the one in production, and how do you know?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_damover.domain.case import Case
    from pytest_damover.domain.detection import Detections
    from pytest_damover.domain.errors import DamoverError
    from pytest_damover.domain.golden_result import Tolerance
    from pytest_damover.domain.revision import Revision
    from pytest_damover.images import Image, open_image

__version__ = "0.1.0"
__all__ = ["Case", "DamoverError", "Detections", "Image", "Revision", "Tolerance", "open_image"]

_HOMES = {
    "Case": "domain.case",
    "DamoverError": "domain.errors",
    "Detections": "domain.detection",
    "Image": "images",
    "Revision": "domain.revision",
    "Tolerance": "domain.golden_result",
    "open_image": "images",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are used: every pytest run imports this file, and must not pay for them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
