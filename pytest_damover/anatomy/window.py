"""A stretch of bytes in a mapped file or in memory: what is read is bounded by the stretch, never by what it says."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault

Buffer = bytes | mmap.mmap


class OutOfBytesError(ValueError):
    """Something claims to be longer than the stretch that it stands in."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The bytes from `start` to `end` of a buffer; positions are those of the buffer."""

    data: Buffer
    start: int
    end: int

    @property
    def size_bytes(self) -> int:
        """Bytes in the stretch."""
        return self.end - self.start

    def take(self, position: int, count: int) -> bytes:
        """Exactly `count` bytes from `position`, else `OutOfBytesError`."""
        if count < 0 or position < self.start or position + count > self.end:
            raise OutOfBytesError(f"byte {position - self.start}: {count} bytes wanted, there are fewer")
        return self.data[position : position + count]

    def line(self, position: int) -> bytes:
        """What stands from `position` to the next line feed, without it; `OutOfBytesError` when there is none."""
        stop = self.data.find(b"\n", position, self.end)
        if stop < 0:
            raise OutOfBytesError(f"byte {position - self.start}: a line without an end")
        return self.data[position:stop]

    def head(self, count: int) -> bytes:
        """The first `count` bytes, or as many as there are."""
        return self.data[self.start : min(self.end, self.start + count)]

    def part(self, start: int, end: int) -> Window:
        """A stretch within this one, by the buffer's positions; `OutOfBytesError` when it reaches outside."""
        if not self.start <= start <= end <= self.end:
            raise OutOfBytesError(f"bytes {start} to {end} are not all there")
        return Window(self.data, start, end)


def window_of(data: bytes) -> Window:
    """All of `data`."""
    return Window(data, 0, len(data))


def open_window(path: Path, where: str) -> Window:
    """All of a file, mapped and not read; `DamoverError` when it cannot be opened.

    The mapping lives as long as something refers to it.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            data: Buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    except (OSError, ValueError) as error:
        found = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise DamoverError(Fault(Code.REVISION_TREE, where, found, "a readable file")) from error
    return Window(data, 0, len(data))
