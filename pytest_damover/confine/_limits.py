"""Limits of one process, passed on to those that it starts.

The number of processes is not limited: the kernel counts it by user over the whole system, so any number is either no
limit or one that somebody else's work exceeds, and for root it counts nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_damover.confine._means import Means

if sys.platform != "win32":
    import resource

OPEN_FILES = 4096
FILE_BYTES = 2**30
# no core file is this small, and 1, unlike 0, also keeps the kernel from piping the core to a program
CORE_BYTES = 1


def apply(memory_bytes: int | None) -> Means:
    """Limit core dumps, open files, file sizes and, when given, memory: `memory_bytes` beyond what is mapped by now."""
    if sys.platform == "win32":
        return Means(False, "no limits on this system")
    limits = {
        resource.RLIMIT_CORE: CORE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_FSIZE: FILE_BYTES,
    }
    if memory_bytes is not None:
        limits[resource.RLIMIT_AS] = memory_bytes + _mapped_bytes()
    for name, value in limits.items():
        _, most = resource.getrlimit(name)
        least = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(name, (least, least))
    text = f"no core dumps, {OPEN_FILES} open files, {FILE_BYTES >> 20} MiB a file"
    if memory_bytes is None:
        return Means(False, f"{text}, but memory is not limited")
    return Means(True, f"{text}, {memory_bytes >> 20} MiB of memory a process")


def _mapped_bytes() -> int:
    """What the process has mapped by now, the libraries of torch above all, which is no use of the model's."""
    statm = Path("/proc/self/statm")
    if sys.platform == "win32" or not statm.exists():
        return 0
    return int(statm.read_text().split()[0]) * resource.getpagesize()
