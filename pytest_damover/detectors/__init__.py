"""Detectors: how a verified folder becomes a callable. The folder is the registry: every module without a leading
underscore is one, and offers `load(folder, device) -> Detector`, `resolve_device(asked) -> str`, `gpus()`, `preload()`
and `RUNS_CODE`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from pytest_damover.domain.errors import Code, DamoverError, Fault

if TYPE_CHECKING:
    from pytest_damover.domain.detection import Detections
    from pytest_damover.images import Image

ONE_THREAD: Mapping[str, str] = MappingProxyType(
    {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }
)
"""Environment of a process that is to be forked: read by numpy, torch and pyarrow while they are imported."""

FULL_PICKLES = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"


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


def load_detector(name: str, folder: Path, device: str, deterministic: bool = False) -> Detector:
    """Load the revision in `folder` on `device` (`auto`, `cpu`, `cuda`, `cuda:N`); for `deterministic` see its module.

    Raises `DamoverError`: an unknown detector, a device that is not there, a folder that does not load, an environment
    that makes torch load less safely.
    """
    check_environment()
    module = _module(name)
    if not deterministic:
        detector: Detector = module.load(folder, device)
        return detector
    from pytest_damover.detectors import _determinism

    module.preload()
    _determinism.switch_on()
    return _determinism.Deterministic(module.load(folder, device))


def prepare_determinism(environment: MutableMapping[str, str] = os.environ) -> None:
    """Before CUDA starts in a process, or in a child of it, that loads detectors as `deterministic`."""
    from pytest_damover.detectors import _determinism

    _determinism.prepare(environment)


def resolve_device(name: str, asked: str) -> str:
    """The device that detector `name` would run on when `asked` for `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises `DamoverError` (device) when CUDA is asked for and is not there.
    """
    device: str = _module(name).resolve_device(asked)
    return device


def gpus(name: str) -> tuple[str, ...]:
    """The UUIDs of the GPUs that this process may use, `cuda:0` first: those of its CUDA_VISIBLE_DEVICES, if set."""
    found: tuple[str, ...] = _module(name).gpus()
    return found


def runs_code(name: str) -> bool:
    """True when detector `name` may run code that lies in a revision's folder."""
    runs: bool = _module(name).RUNS_CODE
    return runs


def preload(name: str) -> None:
    """Import all that detector `name` needs, so that a fork of this process loads a revision at once.

    No GPU is touched and no thread started, provided that the process began with `ONE_THREAD` in its environment: what
    is imported already has read it. Raises `DamoverError` (load) when something is not installed.
    """
    os.environ.update(ONE_THREAD)
    _module(name).preload()


def check_environment(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse a process whose environment tells torch to unpickle whatever a weights file holds.

    Raises `DamoverError` (load). A child process must be asked for only after this, for its environment is scrubbed.
    """
    if FULL_PICKLES in environment:
        found = f"{FULL_PICKLES} is set: torch.load would run what a weights file names"
        raise DamoverError(Fault(Code.LOAD, "environment", found, "not set", f"unset {FULL_PICKLES}"))


def _module(name: str) -> ModuleType:
    if name not in names():
        found = f"{name!r} is not a detector"
        raise DamoverError(Fault(Code.OPTION, "detector", found, ", ".join(names()), "set damover_detector"))
    return import_module(f"{__name__}.{name}")
