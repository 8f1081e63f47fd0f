"""A folder that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.store import sync_folder

_PREFIX = ".converting."


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` that takes its name when the block ends well, and is gone when it does not.

    What is written into it must be on the disk by then, as `store.write_bytes` sees to. Raises
    `DamoverError` (store) when there is something at `target`, before and after the block, or no place for it.
    """
    _require_free(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=target.parent))
    except OSError as error:
        raise _fault(target, f"cannot be made: {error.strerror}") from error
    try:
        yield staging
        _require_free(target)
        _publish(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _publish(staging: Path, target: Path) -> None:
    try:
        staging.chmod(0o755)
        staging.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise _fault(target, f"cannot be made: {error.strerror}") from error


def _require_free(target: Path) -> None:
    if os.path.lexists(target):
        raise _fault(target, "is there already")


def _fault(target: Path, found: str) -> DamoverError:
    return DamoverError(Fault(Code.STORE, str(target), found, "a folder that is not there yet", "--out FOLDER"))
