"""Files written so that a reader finds the old bytes or the new ones, whatever fails and whenever."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault


@contextmanager
def writing(path: Path | str) -> Iterator[None]:
    """Say in a `DamoverError` what could not be written."""
    try:
        yield
    except OSError as error:
        found = f"cannot be written: {error.strerror}"
        raise DamoverError(Fault(Code.STORE, str(path), found, "a place with room that may be written")) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are not there; `DamoverError` where that fails."""
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path`: a reader finds the old bytes or the new ones, also after a power cut."""
    write_bytes(path, encoded(text))


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` at `path` by a temporary file beside it, fsync and rename; `DamoverError` where that fails."""
    with writing(path):
        descriptor, temporary = tempfile.mkstemp(prefix=".writing.", dir=path.parent)
        try:
            try:
                _write_all(descriptor, content)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.chmod(temporary, 0o644)  # noqa: PTH101 - mkstemp makes 0600, a report is to be read by others
            os.replace(temporary, path)  # noqa: PTH105 - beside its siblings
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Put what a folder lists on the disk: a new name in it is not there after a power cut before that."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def text_digest(text: str) -> str:
    """SHA-256 in hex of the bytes that `write_text` writes."""
    return hashlib.sha256(encoded(text)).hexdigest()


def encoded(text: str) -> bytes:
    """UTF-8; half a surrogate pair, as in a message or a file name that is no UTF-8, becomes its escape in JSON."""
    return text.encode(errors="backslashreplace")
