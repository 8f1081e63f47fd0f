"""SHA-256 of files that may be swapped while one looks: opened without following links, in threads where it pays."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

_BLOCK_BYTES = 1 << 20
_WORTH_THREADS_BYTES = 8 << 20
_MAX_THREADS = 8
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_DIRECTORY", 0)
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISDIR, "a folder"),
)

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


class OddFileError(Exception):
    """A file that no manifest can stand for; the text completes a sentence that begins with its path."""


def kind_of(mode: int) -> str:
    """The word for what is no regular file, from `st_mode`; empty for a regular file."""
    if stat.S_ISREG(mode):
        return ""
    return next((word for is_kind, word in _KINDS if is_kind(mode)), "something else")


def size_and_sha256(folder: Path, path: str, wanted_bytes: int | None = None) -> tuple[int, str]:
    """Bytes and SHA-256 in hex of the regular file at `path` below `folder`.

    The hash is empty where the size is not `wanted_bytes`, for then it decides nothing. `OddFileError` for what is
    linked, no regular file or changing; `OSError` for what cannot be read.
    """
    with os.fdopen(_open(folder, path), "rb", buffering=0) as file:
        before = _checked(os.fstat(file.fileno()))
        if wanted_bytes is not None and before.st_size != wanted_bytes:
            return before.st_size, ""
        digest, size_bytes, block = hashlib.sha256(), 0, memoryview(bytearray(_BLOCK_BYTES))
        while count := file.readinto(block):
            digest.update(block[:count])
            size_bytes += count
        after = _checked(os.fstat(file.fileno()))
    if (size_bytes, after.st_mtime_ns, after.st_size) != (before.st_size, before.st_mtime_ns, before.st_size):
        raise OddFileError("was changed while it was read")
    return size_bytes, digest.hexdigest()


def mapped(function: Callable[[_Item], _Answer], items: Sequence[_Item], total_bytes: int) -> tuple[_Answer, ...]:
    """`function` of each item, in threads when there is more than one and enough to read; one block of memory each."""
    threads = min(len(items), os.cpu_count() or 1, _MAX_THREADS)
    if threads < 2 or total_bytes < _WORTH_THREADS_BYTES:
        return tuple(map(function, items))
    with ThreadPoolExecutor(threads, thread_name_prefix="damover-verify") as pool:
        return tuple(pool.map(function, items))


def _open(folder: Path, path: str) -> int:
    """A descriptor of the file; no part of `path` is followed when it is a link, nor `folder` itself."""
    if os.open not in os.supports_dir_fd:
        return os.open(folder / path, _FILE)
    *folders, name = path.split("/")
    descriptor = os.open(folder, _FOLDER)
    try:
        for part in folders:
            inner = os.open(part, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        return os.open(name, _FILE, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _checked(state: os.stat_result) -> os.stat_result:
    if kind := kind_of(state.st_mode):
        raise OddFileError(f"is not a regular file but {kind}")
    if state.st_nlink == 0:
        raise OddFileError("was removed while it was read")
    if state.st_nlink != 1:
        raise OddFileError(f"has {state.st_nlink} hard links: whoever has another name of it can change it")
    return state
