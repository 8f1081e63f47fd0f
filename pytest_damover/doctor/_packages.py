"""Python, the packages, those of them that are unsafe, and settings that make safe ones unsafe."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pytest_damover.detectors import FULL_PICKLES
from pytest_damover.doctor._check import Check
from pytest_damover.doctor._versions import is_at_least

LEAST_PYTHON = (3, 10)


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution, the least version of it that is good, and what to do about an older one."""

    name: str
    least: str
    advice: str


ALWAYS = (
    Package("pytest", "8.4", "pip install -U pytest"),
    Package("pillow", "12.3", "pip install -U pillow: older ones have known holes in their decoders"),
    Package("filelock", "3.20.1", "pip install -U filelock: older ones follow links that others planted"),
)
FOR_MODELS = (
    Package("torch", "2.10", "pip install -U torch: older ones can run code from weights loaded as weights only"),
    Package("modelscope", "1.40.2", "pip install 'pytest-damover[modelscope]'"),
    Package(
        "modelscope-hub", "0.5.1", "pip install -U modelscope-hub: older ones take half a download for a whole one"
    ),
)


def checks(runs_models: bool) -> Iterator[Check]:
    """In the order of the tables; those of models only where models are loaded."""
    found = ".".join(map(str, sys.version_info[:3]))
    yield Check("python", sys.version_info >= LEAST_PYTHON, found, "install Python 3.10 or newer")
    for package in (*ALWAYS, *(FOR_MODELS if runs_models else ())):
        yield _version(package)
    yield _locks()
    if runs_models:
        yield _pickles()


def _version(package: Package) -> Check:
    try:
        found = metadata.version(package.name)
    except metadata.PackageNotFoundError:
        return Check(package.name, False, "not installed", package.advice)
    good = is_at_least(found, package.least)
    return Check(package.name, good, f"{found} (at least {package.least})", package.advice)


def _locks() -> Check:
    """Whether the system's own locks are used where the store will be, or files that a kill leaves behind."""
    try:
        from filelock import FileLock, SoftFileLock
    except ImportError as error:
        return Check("locks", False, f"filelock cannot be imported ({error})", "pip install -U filelock")
    advice = "move the store to a local disk: XDG_CACHE_HOME; soft locks outlive the process that is killed"
    with tempfile.TemporaryDirectory(prefix=".damover-", dir=_near_the_store()) as folder:
        lock = FileLock(Path(folder) / "lock", timeout=0)
        try:
            with lock:
                soft = isinstance(lock, SoftFileLock)
        except (OSError, NotImplementedError) as error:
            return Check("locks", False, f"the file system of the store has none ({error})", advice)
    return Check("locks", not soft, "soft: filelock fell back to them" if soft else "the system's", advice)


def _near_the_store() -> Path | None:
    """A folder on the store's file system that may be written; None, the temporary one, when there is none yet."""
    from pytest_damover.hubs.modelscope import default_store

    store = default_store()
    there = next((folder for folder in (store, *store.parents) if folder.is_dir()), None)
    return there if there is not None and os.access(there, os.W_OK) else None


def _pickles() -> Check:
    if FULL_PICKLES in os.environ:
        found = f"{FULL_PICKLES} is set: torch.load would run what a weights file names"
        return Check("weights only", False, found, f"unset {FULL_PICKLES}; no model is loaded while it is set")
    return Check("weights only", True, f"{FULL_PICKLES} is not set")
