"""Landlock: which folders a process may read and write, whom it may signal; any user may ask for it."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from pytest_damover.confine import _kernel
from pytest_damover.confine._means import Means

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_PATH_BENEATH = 1
# linux/landlock.h: LANDLOCK_ACCESS_FS_*
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST = EXECUTE | WRITE_FILE | READ_FILE | READ_DIR | _REMOVE_AND_MAKE
_SINCE = ((2, _REFER), (3, TRUNCATE), (5, IOCTL_DEV))
_BIND_AND_CONNECT_TCP, _TCP_SINCE = 0b11, 4
_ABSTRACT_SOCKETS_AND_SIGNALS, SCOPES_SINCE = 0b11, 6

READ = EXECUTE | READ_FILE | READ_DIR
USE = READ_FILE | WRITE_FILE | READ_DIR | IOCTL_DEV
OWN = (_FIRST | _REFER | TRUNCATE) & ~(_MAKE_CHAR | _MAKE_BLOCK)
_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

Rules = Iterable[tuple[Path, int]]


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's Landlock ABI, 0 where there is none."""
    try:
        return _kernel.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(abi: int, rules: Rules) -> Means:
    """Allow this process `rules` and nothing else of what `abi` knows; no_new_privs must have been set."""
    if not abi:
        return Means(False, "this kernel has no Landlock")
    handled = _FIRST | sum(bit for since, bit in _SINCE if abi >= since)
    ruleset = _Ruleset(
        handled,
        _BIND_AND_CONNECT_TCP if abi >= _TCP_SINCE else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if abi >= SCOPES_SINCE else 0,
    )
    # an older kernel refuses a structure that is longer than its own, unless what it does not know is zero
    fd = _kernel.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    try:
        for path, access in rules:
            _allow(fd, path, access & handled)
        _kernel.syscall(_RESTRICT_SELF, fd, 0)
    except OSError as refusal:
        return Means(False, f"Landlock refuses ({refusal.strerror})")
    finally:
        os.close(fd)
    return Means(True, f"Landlock ABI {abi}")


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there needs no leave
        return
    try:
        of_its_kind = access if stat.S_ISDIR(os.fstat(fd).st_mode) else access & _OF_A_FILE
        rule = _Beneath(of_its_kind, fd)
        _kernel.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        if path.parts[:2] != ("/", "proc"):  # whose entries are other ones, without leave, once nobody holds them open
            os.close(fd)
