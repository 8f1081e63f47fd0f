"""Which device a model runs on: what was asked for, or an error; never another one in silence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

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


def count_visible(setting: str | None, uuids: Sequence[str]) -> int:
    """How many of a machine's GPUs a process sees that has `setting` as its CUDA_VISIBLE_DEVICES, None for none.

    CUDA reads the list up to the first entry that is no GPU: a number, a UUID or the beginning of one, or the one MIG
    instance that a process can use. So of two GPUs "1,GPU-aa" shows 2, "" and "-1,0" none (CUDA C++ Programming Guide,
    environment variables).
    """
    if setting is None:
        return len(uuids)
    seen: set[int] = set()
    for entry in map(str.strip, setting.split(",")):
        if entry.startswith("MIG-"):
            return 1 if not seen else len(seen)
        place = _place(entry, uuids)
        if place is None or place in seen:
            break
        seen.add(place)
    return len(seen)


def _place(entry: str, uuids: Sequence[str]) -> int | None:
    if entry.isascii() and entry.isdecimal():
        return int(entry) if int(entry) < len(uuids) else None
    found = [place for place, uuid in enumerate(uuids) if entry.startswith("GPU-") and uuid.startswith(entry)]
    return found[0] if len(found) == 1 else None


def _refusal(found: str) -> DamoverError:
    allowed = "auto, cpu, cuda, cuda:N with a GPU of that number"
    return DamoverError(Fault(Code.DEVICE, "device", found, allowed, "--damover-device auto, or see damover doctor"))
