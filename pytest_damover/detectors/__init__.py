"""Detectors: how a verified folder becomes a callable. The folder is the registry: every module without a leading
underscore is one, and offers `load(folder, device) -> Detector` and `resolve_device(asked) -> str`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from pytest_damover.domain.errors import Code, DamoverError, Fault

if TYPE_CHECKING:
    from pytest_damover.domain.detection import Detections
    from pytest_damover.images import Image


class Detector(Protocol):
    """One loaded revision."""

    @property
    def raw(self) -> Any:
        """The object that the loader made, for tests that want the model itself."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the results depend on beside the files: device, threads, thresholds, versions; plain JSON types."""
        ...

    def __call__(self, image: Image) -> Detections:
        """Detections in pixels of the decoded image; output that breaks the contract raises `DamoverError`."""
        ...

    def close(self) -> None:
        """Let go of the model; a closed detector must not be called."""
        ...


def names() -> tuple[str, ...]:
    """The detectors there are, in alphabetical order."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def load_detector(name: str, folder: Path, device: str) -> Detector:
    """Load the revision in `folder` on `device` (`auto`, `cpu`, `cuda`, `cuda:N`).

    Raises `DamoverError`: an unknown detector, a device that is not there, a folder that does not load.
    """
    detector: Detector = _module(name).load(folder, device)
    return detector


def resolve_device(name: str, asked: str) -> str:
    """The device that detector `name` would run on when `asked` for `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises `DamoverError` (device) when CUDA is asked for and is not there.
    """
    device: str = _module(name).resolve_device(asked)
    return device


def _module(name: str) -> ModuleType:
    if name not in names():
        found = f"{name!r} is not a detector"
        raise DamoverError(Fault(Code.OPTION, "detector", found, ", ".join(names()), "set damover_detector"))
    return import_module(f"{__name__}.{name}")
