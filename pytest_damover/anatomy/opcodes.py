"""The operations of a pickle, one after another, as the unpickler would meet them; none is carried out."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator

from pytest_damover.anatomy.window import Window

MAX_OPERATIONS = 1_500_000
MAX_STREAM_BYTES = 64 * 1024 * 1024

_TWO_LINES = frozenset({"GLOBAL", "INST"})
_BY_BYTE = {ord(one.code): (one.name, one.arg.n if one.arg else 0) for one in pickletools.opcodes}
# how many bytes the length takes, and whether it may be negative, by pickletools' kind of argument
_COUNTED = {
    pickletools.TAKEN_FROM_ARGUMENT1: (1, False),
    pickletools.TAKEN_FROM_ARGUMENT4: (4, True),
    pickletools.TAKEN_FROM_ARGUMENT4U: (4, False),
    pickletools.TAKEN_FROM_ARGUMENT8U: (8, False),
}


class BrokenPickleError(ValueError):
    """What is no operation, or more operations than anybody will look through."""


def operations(window: Window, start: int) -> Iterator[tuple[str, bytes, int]]:
    """`(name, argument as raw bytes, position behind it)` of each operation from `start`, up to and with STOP.

    pickletools' own `genops` decodes the arguments and gives up where the unpickler would not, so only its table is
    used. Raises `BrokenPickleError` at what is no operation, and the window's `OutOfBytesError`.
    """
    data, position = window.data, start
    last = min(window.end, start + MAX_STREAM_BYTES)
    for _ in range(MAX_OPERATIONS):
        if position >= last:
            raise BrokenPickleError(f"byte {position - window.start}: ends in the middle, or is too long")
        known = _BY_BYTE.get(data[position])
        if known is None:
            raise BrokenPickleError(f"byte {position - window.start}: 0x{data[position]:02x} is no pickle operation")
        name, size = known
        if size == 0:
            argument, position = b"", position + 1
        elif size > 0:
            argument, position = window.take(position + 1, size), position + 1 + size
        else:
            argument, position = _argument(window, position + 1, name, size)
        yield name, argument, position
        if name == "STOP":
            return
    raise BrokenPickleError(f"more than {MAX_OPERATIONS} operations")


def _argument(window: Window, position: int, name: str, kind: int) -> tuple[bytes, int]:
    if kind == pickletools.UP_TO_NEWLINE:
        argument = window.line(position)
        if name in _TWO_LINES:
            argument += b"\n" + window.line(position + len(argument) + 1)
        return argument, position + len(argument) + 1
    width, signed = _COUNTED[kind]
    count = int.from_bytes(window.take(position, width), "little", signed=signed)
    return window.take(position + width, count), position + width + count
