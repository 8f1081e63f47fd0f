"""Files and sockets that a child inherits by accident are holes in any confinement."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_LISTS = ("/proc/self/fd", "/dev/fd")
_MOST = 65_536


def close_fds(keep: Iterable[int]) -> None:
    """Close every open file descriptor but 0, 1, 2 and those in `keep`."""
    kept = {0, 1, 2, *keep}
    for fd in _open_fds():
        if fd not in kept:
            try:
                os.close(fd)
            except OSError:  # the one that the listing itself had open
                continue


def _open_fds() -> tuple[int, ...]:
    for folder in _LISTS:
        if Path(folder).is_dir():
            return tuple(int(name) for name in os.listdir(folder))  # noqa: PTH208 - a Path would be made for each
    return tuple(range(_MOST))
