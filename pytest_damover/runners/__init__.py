"""Runners: where a detector runs. The folder is the registry: every module without a leading underscore is one, and
offers `open_runner(detector_name, device) -> Runner`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from pytest_damover.detectors import Detector
from pytest_damover.domain.errors import Code, DamoverError, Fault


class Runner(Protocol):
    """Holds the loaded revisions and decides how many may be loaded at once."""

    def load(self, revision_name: str, folder: Path, *, beside: bool = False) -> Detector:
        """The detector of a revision; others are unloaded first unless `beside` asks to keep them."""
        ...

    def unload(self, revision_name: str) -> None:
        """Free one revision; nothing happens when it is not loaded."""
        ...

    def close(self) -> None:
        """Free all revisions."""
        ...


def names() -> tuple[str, ...]:
    """The runners there are, in alphabetical order."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def open_runner(name: str, detector_name: str, device: str) -> Runner:
    """The runner of that name for one detector on one device; an unknown name is refused."""
    if name not in names():
        found = f"{name!r} is not a runner"
        raise DamoverError(Fault(Code.OPTION, "runner", found, ", ".join(names()), "set damover_runner"))
    runner: Runner = import_module(f"{__name__}.{name}").open_runner(detector_name, device)
    return runner
