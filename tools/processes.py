"""Which processes a run has started, and which of them outlive it; Linux only, from /proc."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path


def below(pid: int) -> list[int]:
    """All processes that descend from `pid`."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        parents.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def alive(pids: Iterable[int], within_s: float = 10.0) -> list[int]:
    """Those that are still there after a while."""
    pids, until = list(pids), time.monotonic() + within_s
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def is_alive(pid: int) -> bool:
    """False for a process that has ended, also where nobody has waited for it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
