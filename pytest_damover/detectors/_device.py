"""Which device a model runs on: what was asked for, or an error; never another one in silence."""

from __future__ import annotations

import re
from collections.abc import Callable

from pytest_damover.domain.errors import Code, DamoverError, Fault

_DEVICE = re.compile(r"auto|cpu|cuda(?::(\d{1,3}))?")


def choose_device(asked: str, cuda_count: Callable[[], int]) -> str:
    """`cpu` or `cuda:N` for `auto`, `cpu`, `cuda`, `cuda:N`; `cuda_count` says how many GPUs there are.

    Only `auto` may fall back to the CPU.
    """
    match = _DEVICE.fullmatch(asked)
    if match is None:
        raise _refusal(f"{asked!r} is not a device")
    if asked == "cpu":
        return "cpu"
    present = cuda_count()
    if asked == "auto":
        return "cuda:0" if present else "cpu"
    index = int(match.group(1) or 0)
    if index >= present:
        raise _refusal(f"{asked} was asked for and torch sees {present} CUDA device{'s' * (present != 1)}")
    return f"cuda:{index}"


def _refusal(found: str) -> DamoverError:
    allowed = "auto, cpu, cuda, cuda:N with a GPU of that number"
    return DamoverError(Fault(Code.DEVICE, "device", found, allowed, "--damover-device auto, or see damover doctor"))
