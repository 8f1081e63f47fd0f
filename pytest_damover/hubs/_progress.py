"""How far a download is: files and bytes in one line of a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

INTERVAL_S = 0.1
_MIB = 1 << 20


class Progress:
    """Counts what arrives and draws it on `stream`, at most ten times a second."""

    def __init__(self, what: str, files: tuple[int, int], size_bytes: tuple[int, int], stream: TextIO) -> None:
        self._what, self._stream = what, stream
        (self._files, self._all_files), (self._bytes, self._all_bytes) = files, size_bytes
        self._counting, self._drawn_s = threading.Lock(), 0.0

    def add(self, size_bytes: int, files: int = 0) -> None:
        """Count bytes (negative: a partial file was thrown away) and files that are whole."""
        with self._counting:
            self._bytes += size_bytes
            self._files += files
            if time.monotonic() - self._drawn_s >= INTERVAL_S:
                self.draw()

    def draw(self, end: str = "") -> None:
        """Write the line over the one before."""
        self._drawn_s = time.monotonic()
        mib = f"{self._bytes / _MIB:.1f} of {self._all_bytes / _MIB:.1f} MiB"
        self._stream.write(f"\r{self._what}: {self._files} of {self._all_files} files, {mib}{end}")
        self._stream.flush()


@contextmanager
def shown(what: str, files: tuple[int, int], size_bytes: tuple[int, int]) -> Iterator[list[type]]:
    """The progress callbacks for the hub's client: one on a terminal, none elsewhere.

    `files` and `size_bytes` are what is there already and all there will be.
    """
    if not sys.stderr.isatty():
        yield []
        return
    progress = Progress(what, files, size_bytes, sys.stderr)

    class Callback:
        """What the client makes for each file."""

        def __init__(self, filename: str, file_size: int) -> None:
            del filename
            self._left_bytes = file_size

        def update(self, size: int) -> None:
            self._left_bytes -= size
            progress.add(size)

        def end(self) -> None:
            progress.add(0, files=int(self._left_bytes <= 0))

    try:
        progress.draw()
        yield [Callback]
    finally:
        progress.draw("\n")
