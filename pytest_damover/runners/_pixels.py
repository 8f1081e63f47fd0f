"""The pixels of one image in memory that two processes share, so that no picture goes through a socket."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os

import numpy as np

from pytest_damover.images import Pixels

FIRST_BYTES = 4 * 1024 * 1024
_NAME = "pytest-damover-pixels"


class SharedPixels:
    """The side that writes; `fd` is for the other one, which cannot make the memory smaller under our feet."""

    def __init__(self) -> None:
        self.fd = os.memfd_create(_NAME, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, FIRST_BYTES)
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        self._memory = np.frombuffer(mmap.mmap(self.fd, FIRST_BYTES), dtype=np.uint8)

    def put(self, pixels: Pixels) -> None:
        """Copy an image (H, W, 3) uint8 to the beginning of the shared memory."""
        needed_bytes = pixels.size
        if needed_bytes > self._memory.size:
            with contextlib.suppress(PermissionError):  # the other side made it larger still, and it cannot shrink
                os.ftruncate(self.fd, needed_bytes)
            self._memory = np.frombuffer(mmap.mmap(self.fd, needed_bytes), dtype=np.uint8)
        self._memory[:needed_bytes] = pixels.reshape(-1)

    def close(self) -> None:
        """Let go of the memory; it is freed when the other side has let go of it too."""
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1
        self._memory = np.zeros(0, dtype=np.uint8)


class SeenPixels:
    """The side that reads."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._memory = np.zeros(0, dtype=np.uint8)

    def get(self, height_px: int, width_px: int) -> Pixels:
        """The image that was put last, (H, W, 3) uint8 and read-only; it changes when the next one is put."""
        needed_bytes = height_px * width_px * 3
        if needed_bytes > self._memory.size:
            size_bytes = os.fstat(self._fd).st_size
            self._memory = np.frombuffer(mmap.mmap(self._fd, size_bytes, prot=mmap.PROT_READ), dtype=np.uint8)
        return self._memory[:needed_bytes].reshape(height_px, width_px, 3)
