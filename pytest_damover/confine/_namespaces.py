"""An own user, network and IPC namespace: no interface but a loopback that is down, no shared memory of others."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_damover.confine import _kernel
from pytest_damover.confine._means import Means

CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000  # linux/sched.h
_OF_OTHERS = CLONE_NEWNET | CLONE_NEWIPC


def enter() -> Means:
    """Enter new namespaces as the same user; `OSError` when the user was mapped and the group then was not."""
    user, group = os.getuid(), os.getgid()
    try:
        _kernel.unshare(CLONE_NEWUSER | _OF_OTHERS)
    except OSError as refusal:
        return _as_root(refusal)
    if not _map(user, group):
        return Means(True, "own network namespace, its user unmapped")
    return Means(True, "own user and network namespace")


def _as_root(refusal: OSError) -> Means:
    try:
        _kernel.unshare(_OF_OTHERS)
    except OSError:
        return Means(False, f"no user namespace here ({refusal.strerror})")
    return Means(True, "own network namespace")


def _map(user: int, group: int) -> bool:
    """Keep one's own numbers. Some systems grant the namespace and then refuse this; nothing but the names is lost."""
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    except OSError:
        return False
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True
