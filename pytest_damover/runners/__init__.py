"""Runners: where a detector runs. The folder is the registry: every module without a leading underscore is one, and
offers `open_runner(detector_name, device, timeouts, deterministic) -> Runner`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from pytest_damover import detectors
from pytest_damover.detectors import Detector
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.runners._timeouts import Timeouts, read_timeouts

__all__ = ["AUTO", "CrashError", "Runner", "Timeouts", "choose", "names", "open_runner", "read_timeouts"]
AUTO = "auto"


class CrashError(DamoverError):
    """A call in which a model's process crashed, hung, ran out of memory or lost its GPU; the next may do better."""

    @property
    def revision(self) -> str:
        """The name of the revision whose process it was."""
        return self.faults[0].where


class Runner(Protocol):
    """Holds the loaded revisions and decides how many may be loaded at once."""

    @property
    def device(self) -> str:
        """The device the models run on, `cpu` or `cuda:N`; `DamoverError` when the one asked for is not there."""
        ...

    @property
    def gpus(self) -> tuple[str, ...]:
        """The UUIDs of the GPUs that this process may use, `cuda:0` first; none where the device is the CPU."""
        ...

    def use(self, device: str) -> None:
        """Ask for another device, before anything is loaded."""
        ...

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


def choose(name: str, detector_name: str) -> str:
    """The runner that `name` means for a detector: `auto` is a child process where a model's own code runs."""
    if name != AUTO:
        return name
    return "process" if detectors.runs_code(detector_name) else "inline"


def open_runner(
    name: str, detector_name: str, device: str, timeouts: Timeouts | None = None, deterministic: bool = False
) -> Runner:
    """The runner of that name, or `auto`, for one detector on one device; an unknown name is refused."""
    name = choose(name, detector_name)
    if name not in names():
        found = f"{name!r} is not a runner"
        raise DamoverError(Fault(Code.OPTION, "runner", found, ", ".join((AUTO, *names())), "set damover_runner"))
    if deterministic:
        detectors.prepare_determinism()
    module = import_module(f"{__name__}.{name}")
    runner: Runner = module.open_runner(detector_name, device, timeouts or Timeouts(), deterministic)
    return runner
