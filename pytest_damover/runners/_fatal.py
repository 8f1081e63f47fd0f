"""Errors after which a process is good for nothing more: no memory, or a GPU context that stays broken.

CUDA reports a kernel that went wrong with some later call, and with every call after that, so what is told here of one
case would else be told of all that follow.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 10
_NO_MEMORY = re.compile(r"out ?of ?memory|can(?:'|no)t allocate memory|CUBLAS_STATUS_ALLOC_FAILED", re.I)
_STICKY = re.compile(
    r"CUDA error|device-side assert|illegal memory access|unspecified launch failure|misaligned address"
    r"|illegal instruction|CUBLAS_STATUS_|CUDNN_STATUS_|cuDNN error",
    re.I,
)
_WANTED = re.compile(r"allocate ([\d.,]+ ?(?:bytes|[KMGT]i?B))", re.I)


def fatal(error: BaseException) -> str | None:
    """Why nothing more may be asked of a process in which `error` was raised; None when it is an error like others."""
    for one in _chain(error):
        text = f"{type(one).__name__}: {one}"
        if isinstance(one, MemoryError) or _NO_MEMORY.search(text):
            return f"out of memory: {_wanted(text)}{_free()}{text}"
        if _STICKY.search(text):
            return f"the GPU is lost to its process: {text}"
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(DEEPEST):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _wanted(text: str) -> str:
    found = _WANTED.search(text)
    return f"{found[1]} wanted, " if found else ""


def _free() -> str:
    """What its limit leaves this process; '' where it has none, as with a GPU, whose own message says what is free."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        limit_bytes, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit_bytes != resource.RLIM_INFINITY:
            taken_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            return f"{max(0, limit_bytes - taken_bytes)} bytes free of {limit_bytes}; "
    return ""
