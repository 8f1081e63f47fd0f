"""The kernel's means in the one order that works: namespaces, Landlock, capabilities, the parent's death, seccomp."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from pytest_damover.confine import _denied, _kernel, _landlock, _namespaces, _roots, _seccomp
from pytest_damover.confine._means import Means
from pytest_damover.domain.confinement import Guard

_TRUNCATION_SINCE = 3


def confine(home: Path, readable: Sequence[Path], gpu: bool) -> dict[Guard, Means]:
    """Apply all that this kernel has; what each guard of the kernel's came to."""
    parent = os.getppid()
    alone = len(tuple(Path("/proc/self/task").iterdir())) == 1
    # with other threads nothing but seccomp reaches all of them, and half of a process confined is none
    namespaces = _namespaces.enter() if alone else Means(False, "the process has other threads")
    _kernel.prctl(_kernel.PR_SET_NO_NEW_PRIVS, 1)
    abi = _landlock.version() if alone else 0
    landlock = _landlock.restrict(abi, _roots.rules(home, readable, gpu, os.getpid())) if alone else namespaces
    powers = _drop_capabilities()
    _end_with(parent)
    scopes = landlock.works and abi >= _landlock.SCOPES_SINCE
    truncation = landlock.works and abi >= _TRUNCATION_SINCE
    seccomp = _seccomp.restrict(tuple(_denied.conditions(gpu, scopes, truncation, os.getpid())))
    return {
        Guard.NETWORK: _network(seccomp, namespaces, gpu),
        Guard.WRITING: _together(landlock, seccomp),
        Guard.READING: landlock,
        Guard.PROCESSES: _together(landlock, seccomp, powers),
        Guard.DRIVER: _driver(landlock, gpu),
    }


def _network(seccomp: Means, namespaces: Means, gpu: bool) -> Means:
    if not seccomp.works:
        return _together(seccomp, namespaces)
    sockets = "seccomp: only unix sockets, none connected" if gpu else "seccomp: no sockets"
    return Means(True, f"{sockets}; {namespaces.text}")


def _driver(landlock: Means, gpu: bool) -> Means:
    if gpu:
        return Means(False, "it computes on the GPU, so it may make any call to the GPU's driver")
    return landlock


def _together(*means: Means) -> Means:
    """All of them or, in words, those that fail."""
    failing = tuple(one for one in means if not one.works)
    text = "; ".join(one.text for one in failing or means)
    return Means(not failing, text)


def _drop_capabilities() -> Means:
    try:
        _kernel.drop_capabilities()
    except OSError as refusal:
        return Means(os.geteuid() != 0, f"the powers of root stay ({refusal.strerror})")
    return Means(True, "no capabilities")


def _end_with(parent: int) -> None:
    """Die when `parent` does; after this no credential may change, for that would undo it."""
    _kernel.prctl(_kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise RuntimeError("the parent died while its child was being confined")
