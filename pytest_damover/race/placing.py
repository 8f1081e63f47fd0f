"""Where both sides of a race run: on one core, for two cores are never equally fast."""

from __future__ import annotations

import os
from collections.abc import Collection


def share_core(pids: Collection[int], heat: int) -> int | None:
    """Put the main threads of these processes on one core, another for each heat, and say which.

    None where there is nobody to place or nobody may. The sides take turns, so they do not crowd each other. Apart,
    each would keep to a core of its own for as long as it lives, and the busier core's side would be called the slower
    model.
    """
    if not pids:
        return None
    try:
        cores = sorted(os.sched_getaffinity(0))
        core = cores[heat % len(cores)]
        for pid in pids:
            os.sched_setaffinity(pid, {core})
    except (AttributeError, OSError):
        return None
    return core


def leave_core(pids: Collection[int]) -> None:
    """Let these processes run wherever this one may again."""
    try:
        cores = os.sched_getaffinity(0)
        for pid in pids:
            os.sched_setaffinity(pid, cores)
    except (AttributeError, OSError):
        return
