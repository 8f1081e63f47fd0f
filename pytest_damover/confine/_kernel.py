"""System calls for which Python has no function, through libc; Linux only."""

from __future__ import annotations

import ctypes
import os
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_NO_NEW_PRIVS = 38
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522  # linux/capability.h

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def syscall(number: int, *arguments: Any) -> int:
    """The call's answer; `OSError` when it fails."""
    widened = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *widened))


def prctl(option: int, value: int) -> None:
    """`OSError` when the kernel refuses."""
    _checked(_libc.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))))


def unshare(flags: int) -> None:
    """Leave namespaces for new ones; `os.unshare` is there only from Python 3.12. `OSError` when it is refused."""
    _checked(_libc.unshare(flags))


def drop_capabilities() -> None:
    """Be root in name only; with no_new_privs no program that is started gets them back."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    syscall(_CAPSET[os.uname().machine], ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
