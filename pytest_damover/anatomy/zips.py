"""Zip archives, taken only in the one form in which every reader sees the same entries."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass

from pytest_damover.anatomy.window import OutOfBytesError, Window, window_of

MAX_INFLATED_BYTES = 64 * 1024 * 1024
MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
LOCAL_MAGIC = b"PK\x03\x04"
_END = struct.Struct("<4sHHHHIIH")
_LOCAL_BYTES = 30


class OddZipError(ValueError):
    """An archive that two readers could understand in two ways, or that is broken."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One entry of an archive: `packed` are its bytes as they lie, `stored` is False when they are compressed."""

    name: str
    packed: Window
    stored: bool
    size_bytes: int

    def content(self) -> Window:
        """The entry's bytes; compressed ones are inflated up to `MAX_INFLATED_BYTES`, else `OddZipError`."""
        if self.stored:
            return self.packed
        inflater = zlib.decompressobj(-15)
        try:
            data = inflater.decompress(self.packed.head(self.packed.size_bytes), MAX_INFLATED_BYTES)
        except zlib.error as error:
            raise OddZipError(f"{self.name!r} does not inflate") from error
        if len(data) != self.size_bytes or not inflater.eof:
            raise OddZipError(f"{self.name!r} inflates to another size than it claims, or to too much")
        return window_of(data)


def entries_of(window: Window) -> tuple[Entry, ...]:
    """All entries of a zip archive that fills the window from first to last byte; `OddZipError` for any other.

    Refused are bytes before or behind it, a comment, two entries of one name whatever its case, entries that overlap,
    an entry whose two headers differ, encryption, and methods other than stored and deflated.
    """
    try:
        with zipfile.ZipFile(_Stream(window)) as archive:
            infos = archive.infolist()
            _check_end(window, archive)
    except OddZipError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, OutOfBytesError, OSError, ValueError, struct.error) as error:
        raise OddZipError(f"a zip archive that cannot be read ({error})") from error
    _check_names(infos)
    if sum(info.compress_size for info in infos) > window.size_bytes:
        raise OddZipError("a zip archive whose entries lie on one another")
    return tuple(_entry(window, info) for info in infos)


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for info in infos:
        name = info.filename.lower()  # torch's reader takes an entry whatever the case of its name
        if name in seen:
            raise OddZipError(f"a zip archive with two entries named {info.filename!a}")
        if info.filename != info.orig_filename:
            raise OddZipError(f"a zip archive with an entry of two names, {info.filename!a}")
        seen.add(name)


def _check_end(window: Window, archive: zipfile.ZipFile) -> None:
    magic, *_, comment_bytes = _END.unpack(window.take(window.end - _END.size, _END.size))
    if magic != b"PK\x05\x06" or comment_bytes:
        raise OddZipError("a zip archive with bytes behind it")
    # zipfile moves the offsets of an archive with something before it; others do not
    if min((info.header_offset for info in archive.infolist()), default=0) != 0:
        raise OddZipError("a zip archive with bytes before it")


def _entry(window: Window, info: zipfile.ZipInfo) -> Entry:
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OddZipError(f"the entry {info.filename!a} is packed in a way that is not opened here")
    start = window.start + info.header_offset
    try:
        local = window.take(start, _LOCAL_BYTES)
        name_bytes, extra_bytes = struct.unpack("<HH", local[26:30])
        name = window.take(start + _LOCAL_BYTES, name_bytes)
        first = start + _LOCAL_BYTES + name_bytes + extra_bytes
        packed = window.part(first, first + info.compress_size)
    except OutOfBytesError as error:
        raise OddZipError(f"the entry {info.filename!a} is cut off") from error
    method = int.from_bytes(local[8:10], "little")
    if local[:4] != LOCAL_MAGIC or name != info.orig_filename.encode(_charset(info)) or method != info.compress_type:
        raise OddZipError(f"the entry {info.filename!a} has two headers that differ")
    stored = info.compress_type == zipfile.ZIP_STORED
    if stored and info.file_size != info.compress_size:
        raise OddZipError(f"the entry {info.filename!a} is stored in another size than it claims")
    return Entry(info.filename, packed, stored, info.file_size)


def _charset(info: zipfile.ZipInfo) -> str:
    return "utf-8" if info.flag_bits & 0x800 else "cp437"


class _Stream:
    """A window as the file that `zipfile` reads."""

    def __init__(self, window: Window) -> None:
        self._window, self._position = window, 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._position, self._window.size_bytes)[whence]
        self._position = base + offset
        if self._position < 0:
            raise OSError("a place before the beginning")
        return self._position

    def read(self, count: int = -1) -> bytes:
        if count > MAX_DIRECTORY_BYTES:
            raise OSError("a list of entries that is too long to look through")
        start = min(self._window.start + self._position, self._window.end)
        end = self._window.end if count < 0 else min(start + count, self._window.end)
        self._position += end - start
        return self._window.data[start:end]


def is_zip_behind(window: Window) -> bool:
    """True when a file that does not begin as a zip archive is one all the same to a reader that looks at its end."""
    tail = max(window.start, window.end - _END.size - 0xFFFF)
    if window.data.find(b"PK\x05\x06", tail, window.end) < 0:
        return False
    try:
        with zipfile.ZipFile(_Stream(window)):
            return True
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, struct.error):
        return False
