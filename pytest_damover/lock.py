"""`revisions.lock`: which bytes a name meant when a person looked, so that a moved tag cannot pass for the old one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_damover.documents import parse_json, read_bytes
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry, Revision, manifest_digest
from pytest_damover.store import write_text

LOCK_SCHEMA = 1
FILE_NAME = "revisions.lock"
NEXT_STEP = "compare the files, then: damover lock"
_SHA256 = re.compile(r"[0-9a-f]{64}")

Locked = Mapping[tuple[str, str], Revision]


def write_lock(path: Path, revisions: Iterable[Revision]) -> None:
    """Write the lock of exactly `revisions`, by model and by the hub's name for each; sorted, one fact a line."""
    models: dict[str, dict[str, Any]] = {}
    for revision in revisions:
        models.setdefault(revision.model, {})[revision.tag] = {
            "commit": revision.commit,
            "digest": revision.digest,
            "files": {f.path: {"sha256": f.sha256, "size_bytes": f.size_bytes} for f in revision.files},
            "hub": revision.hub,
        }
    data = {"schema": LOCK_SCHEMA, "models": models}
    write_text(path, json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_lock(path: Path) -> Locked:
    """The locked revisions by (model, tag), in file order; `DamoverError` when it is no lock or contradicts itself."""
    where = path.name
    data = parse_json(read_bytes(path, where, Code.LOCK), where, Code.LOCK)
    try:
        if data["schema"] != LOCK_SCHEMA:
            raise DamoverError(_fault(where, f"schema {data['schema']!r}", f"schema {LOCK_SCHEMA}"))
        return {
            (model, tag): _revision(model, tag, entry, where)
            for model, tags in data["models"].items()
            for tag, entry in tags.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise DamoverError(_fault(where, f"not a lock ({type(error).__name__}: {error})")) from error


def check_locked(path: Path, revisions: Iterable[Revision]) -> None:
    """Raise `DamoverError` with each file that differs from the lock, and each revision that is not in it."""
    locked = read_lock(path)
    faults: list[Fault] = []
    for revision in revisions:
        known = locked.get((revision.model, revision.tag))
        if known is None:
            have = ", ".join(tag for model, tag in locked if model == revision.model) or "no revision of this model"
            faults.append(_fault(path.name, f"{revision.model} {revision.tag} is not locked", have))
        elif known.digest != revision.digest:
            where = f"{path.name}: {revision.model} {revision.tag}"
            faults.extend(_fault(where, text) for text in differences(known.files, revision.files))
    if faults:
        raise DamoverError(*faults)


def differences(locked: Iterable[FileEntry], found: Iterable[FileEntry]) -> tuple[str, ...]:
    """One sentence for each file that two manifests do not share, in path order."""
    before, after = {entry.path: entry for entry in locked}, {entry.path: entry for entry in found}
    sentences = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None:
            sentences.append(f"{path} is new")
        elif new is None:
            sentences.append(f"{path} is gone")
        elif old != new:
            sentences.append(f"{path} was {_bytes_of(old)} and is {_bytes_of(new)}")
    return tuple(sentences)


def _bytes_of(entry: FileEntry) -> str:
    return f"{entry.size_bytes} bytes with SHA-256 {entry.sha256[:12]}"


def _revision(model: str, tag: str, entry: Mapping[str, Any], where: str) -> Revision:
    files = tuple(
        sorted(FileEntry(str(name), file["size_bytes"], file["sha256"]) for name, file in entry["files"].items())
    )
    sound = all(isinstance(f.size_bytes, int) and _SHA256.fullmatch(f.sha256) for f in files)
    if not sound or manifest_digest(files) != entry["digest"]:
        raise DamoverError(_fault(where, f"{model} {tag}: its digest is not that of its files", "a file as written"))
    return Revision(tag, tag, model, str(entry["hub"]), entry["commit"], files)


def _fault(where: str, found: str, allowed: str = "the bytes that were locked") -> Fault:
    return Fault(Code.LOCK, where, found, allowed, NEXT_STEP)
