"""Where downloads are kept: how much there is, and whether there is room and leave for more."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from pytest_damover.doctor._check import Check

LEAST_FREE_BYTES = 2**30
_DIGEST = re.compile(r"[0-9a-f]{64}")
_STAGING = ".staging-"


def checks() -> Iterator[Check]:
    """The store, and downloads that were begun and not ended."""
    from pytest_damover.hubs.modelscope import default_store

    root = default_store()
    there = next(folder for folder in (root, *root.parents) if folder.is_dir())
    names = sorted(os.listdir(root)) if there == root and os.access(root, os.R_OK) else []  # noqa: PTH208
    revisions = [name for name in names if _DIGEST.fullmatch(name)]
    yield _room(root, there, len(revisions), sum(_size_bytes(root / name) for name in revisions))
    leftovers = [name for name in names if name.startswith(_STAGING)]
    if leftovers:
        size = _in_words(sum(_size_bytes(root / name) for name in leftovers))
        count = f"{len(leftovers)} download{'s' * (len(leftovers) != 1)}"
        found = f"{count} not ended, {size}; the next of the same revision goes on from there"
        yield Check("leftovers", True, found, f"remove {root}/{_STAGING}*")


def _room(root: Path, there: Path, count: int, size_bytes: int) -> Check:
    free = shutil.disk_usage(there).free
    holds = f"{count} revision{'s' * (count != 1)}, {_in_words(size_bytes)}" if there == root else "not there yet"
    found = f"{root}: {holds}; {_in_words(free)} free"
    if not os.access(there, os.W_OK | os.X_OK):
        advice = "make it a folder that you may write, or move it: XDG_CACHE_HOME"
        return Check("store", False, f"{found}; {there} may not be written", advice)
    return Check("store", free >= LEAST_FREE_BYTES, found, "free some room there, or move the store: XDG_CACHE_HOME")


def _size_bytes(folder: Path) -> int:
    sizes = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                sizes += Path(parent, name).lstat().st_size
            except OSError:  # gone meanwhile: somebody else's download ended
                continue
    return sizes


def _in_words(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB" if size_bytes >= 2**30 else f"{size_bytes / 2**20:.1f} MiB"
