"""The files of a revision on disk: read into a manifest, or checked against one."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry

_BLOCK_BYTES = 1 << 20


def scan(folder: Path, where: str) -> tuple[FileEntry, ...]:
    """The manifest of every file below `folder`, in path order; links, pipes and devices are refused by name."""
    listed = sorted(_walk(folder, ""))
    faults = [_fault(where, f"{path} is not a regular file") for path, regular in listed if not regular]
    faults += [_fault(where, f"the name of {path} is not UTF-8") for path, _ in listed if not _is_text(path)]
    if faults:
        raise DamoverError(*faults)
    return tuple(_entry(folder, path) for path, _ in listed)


def verify(folder: Path, files: Iterable[FileEntry], where: str) -> Path:
    """Return `folder` when it holds exactly `files` by size and SHA-256, else raise with each file that differs."""
    expected = {entry.path: entry for entry in files}
    present = dict(_walk(folder, ""))
    faults = [_fault(where, f"{path} is missing") for path in sorted(expected.keys() - present.keys())]
    for path in sorted(present):
        wanted = expected.get(path)
        if wanted is None:
            faults.append(_fault(where, f"{path} does not belong to the revision"))
        elif not present[path]:
            faults.append(_fault(where, f"{path} is not a regular file"))
        elif (found := _entry(folder, path)) != wanted:
            faults.append(_fault(where, _difference(found, wanted)))
    if faults:
        raise DamoverError(*faults)
    return folder


def check_path(path: str, where: str) -> str:
    """Return a file path that a hub lists when it stays inside a folder, else raise."""
    parts = path.split("/")
    plain = _is_text(path) and "\\" not in path and "\0" not in path and ":" not in parts[0]
    if plain and not {"", ".", ".."} & set(parts):
        return path
    raise DamoverError(_fault(where, f"the hub lists a file {path!r}"))


def _is_text(path: str) -> bool:
    """False for a name of bytes that are no UTF-8, which Python holds as lone surrogates and no manifest can."""
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, bool]]:
    """Path and `is a regular file` of everything below `folder` that is not a real folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), path + "/")
            else:
                yield path, entry.is_file(follow_symlinks=False)


def _entry(folder: Path, path: str) -> FileEntry:
    digest, size_bytes = hashlib.sha256(), 0
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(folder / path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise DamoverError(_fault(str(folder), f"{path} is not a regular file"))
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size_bytes += len(block)
    return FileEntry(path, size_bytes, digest.hexdigest())


def _difference(found: FileEntry, wanted: FileEntry) -> str:
    if found.size_bytes != wanted.size_bytes:
        return f"{found.path} has {found.size_bytes} bytes instead of {wanted.size_bytes}"
    return f"{found.path} has SHA-256 {found.sha256[:12]} instead of {wanted.sha256[:12]}"


def _fault(where: str, found: str) -> Fault:
    allowed = "exactly the files of the revision's manifest, as regular files"
    shown = found.encode(errors="backslashreplace").decode()
    return Fault(Code.REVISION_TREE, where, shown, allowed, "remove that folder or put the revision there anew")
