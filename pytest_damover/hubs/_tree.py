"""The files of a revision on disk: read into a manifest, or checked against one; whatever is odd is named.

Names that differ only in case are two files, as on the hub; where a file system folds them the check names the one
that is missing. Empty folders are refused, because no manifest holds them and code can see them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry
from pytest_damover.hubs._hashing import OddFileError, kind_of, mapped, size_and_sha256

BYTECODE_FOLDER = "__pycache__"
_Listed = dict[str, str]  # path -> what is odd about it, completing a sentence; empty for a regular file


def scan(folder: Path, where: str) -> tuple[FileEntry, ...]:
    """The manifest of every file below `folder`, in path order; links, pipes, devices and the like are refused."""
    listed = _walk(folder, where)
    faults = [_fault(where, f"{path} {odd}") for path, odd in listed.items() if odd]
    faults += [_fault(where, f"the name of {path} is not UTF-8") for path in listed if not _is_text(path)]
    left = sorted({path.partition(BYTECODE_FOLDER)[0] for path in listed if BYTECODE_FOLDER in path.split("/")})
    faults += [_fault(where, f"{path}{BYTECODE_FOLDER} was left by Python and is no part of a model") for path in left]
    if faults:
        raise DamoverError(*faults)
    total_bytes = sum((folder / path).lstat().st_size for path in listed)
    return _without_faults(mapped(partial(_entry, folder, where), tuple(listed), total_bytes))


def verify(folder: Path, files: Iterable[FileEntry], where: str) -> Path:
    """Return `folder` when it holds exactly `files` by size and SHA-256, else raise with each file that differs."""
    expected = {entry.path: entry for entry in check_manifest(files, where)}
    listed = _walk(folder, where)
    faults = [_fault(where, f"{path} is missing") for path in sorted(expected.keys() - listed.keys())]
    faults += [
        _fault(where, f"{path} {odd or 'does not belong to the revision'}")
        for path, odd in listed.items()
        if odd or path not in expected
    ]
    present = [expected[path] for path, odd in listed.items() if not odd and path in expected]
    total_bytes = sum(entry.size_bytes for entry in present)
    faults += filter(None, mapped(partial(_difference, folder, where), present, total_bytes))
    if faults:
        raise DamoverError(*faults)
    return folder


def check_manifest(files: Iterable[FileEntry], where: str) -> tuple[FileEntry, ...]:
    """Return `files` when each stays inside a folder, none comes twice and none is in the way of another."""
    entries = tuple(files)
    paths = [entry.path for entry in entries]
    parents = {parent for path in paths for parent in _parents(path)}
    faults = [fault for path in paths if (fault := _path_fault(path, where))]
    faults += [_fault(where, f"{path} is listed twice") for path, count in Counter(paths).items() if count > 1]
    faults += [_fault(where, f"{path} is listed as a file and as a folder") for path in sorted(parents & set(paths))]
    if faults:
        raise DamoverError(*faults)
    return entries


def check_real_folders(base: Path, folder: Path, where: str) -> None:
    """Raise when `folder`, or a folder between it and `base`, is a symbolic link; `base` itself may be one."""
    chain = [folder, *folder.parents][: len(folder.relative_to(base).parts)]
    faults = [_fault(where, f"{link} is not a folder but a symbolic link") for link in reversed(chain) if is_link(link)]
    if faults:
        raise DamoverError(*faults)


def is_link(path: Path) -> bool:
    """Whether `path` is a symbolic link or, on Windows, a junction."""
    return path.is_symlink() or bool(getattr(path, "is_junction", bool)())


def _path_fault(path: str, where: str) -> Fault | None:
    """None for a path that stays inside a folder on every system."""
    parts = path.split("/")
    plain = _is_text(path) and "\\" not in path and "\0" not in path and ":" not in parts[0]
    if plain and not {"", ".", ".."} & set(parts):
        return None
    return _fault(where, f"the hub lists a file {path!r}")


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _is_text(path: str) -> bool:
    """False for a name of bytes that are no UTF-8, which Python holds as lone surrogates and no manifest can."""
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _walk(folder: Path, where: str) -> _Listed:
    """Everything below `folder` that is not a folder with something in it, in path order."""
    if is_link(folder) or not folder.is_dir():
        raise DamoverError(_fault(where, f"{folder} is {'a symbolic link' if is_link(folder) else 'no folder'}"))
    return dict(sorted(_below(folder, "")))


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, str]]:
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError as error:
        yield prefix.rstrip("/") or ".", f"cannot be read: {error.strerror}"
        return
    if prefix and not entries:
        yield prefix.rstrip("/"), "is an empty folder, which no revision has"
    for entry in entries:
        path = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), path + "/")
        else:
            kind = kind_of(entry.stat(follow_symlinks=False).st_mode)
            yield path, f"is not a regular file but {kind}" if kind else ""


def _entry(folder: Path, where: str, path: str) -> FileEntry | Fault:
    try:
        return FileEntry(path, *size_and_sha256(folder, path))
    except (OddFileError, OSError) as error:
        return _fault(where, f"{path} {_reason(error)}")


def _difference(folder: Path, where: str, wanted: FileEntry) -> Fault | None:
    try:
        size_bytes, sha256 = size_and_sha256(folder, wanted.path, wanted.size_bytes)
    except (OddFileError, OSError) as error:
        return _fault(where, f"{wanted.path} {_reason(error)}")
    if size_bytes != wanted.size_bytes:
        return _fault(where, f"{wanted.path} has {size_bytes} bytes instead of {wanted.size_bytes}")
    if sha256 != wanted.sha256:
        return _fault(where, f"{wanted.path} has SHA-256 {sha256[:12]} instead of {wanted.sha256[:12]}")
    return None


def _reason(error: OddFileError | OSError) -> str:
    return str(error) if isinstance(error, OddFileError) else f"cannot be read: {error.strerror}"


def _without_faults(answers: Iterable[FileEntry | Fault]) -> tuple[FileEntry, ...]:
    answers = tuple(answers)
    if faults := [answer for answer in answers if isinstance(answer, Fault)]:
        raise DamoverError(*faults)
    return tuple(answer for answer in answers if isinstance(answer, FileEntry))


def _fault(where: str, found: str) -> Fault:
    allowed = "exactly the files of the revision's manifest, as regular files"
    shown = found.encode(errors="backslashreplace").decode()
    return Fault(Code.REVISION_TREE, where, shown, allowed, "remove that folder or put the revision there anew")
