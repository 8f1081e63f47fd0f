"""`revisions.lock`: which bytes a name meant when a person looked, and which bytes a person allowed to run code.

A moved tag cannot pass for the old one, and consent given to some bytes is never consent to others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pytest_damover.documents import parse_json, read_bytes
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry, Revision, manifest_digest
from pytest_damover.domain.safety import Safety
from pytest_damover.store import write_text

LOCK_SCHEMA = 2
FILE_NAME = "revisions.lock"
FIRST_REASONS = 3
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONSENT_KEYS = {"at", "by"}


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's word that the bytes of one digest may run code: `by` whom, and `at` which moment (ISO 8601, UTC)."""

    digest: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Lock:
    """What `revisions.lock` says: revisions by (model, the hub's name for them), consents by digest."""

    revisions: Mapping[tuple[str, str], Revision] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)

    def locked_as(self, revision: Revision) -> Revision | None:
        """What is locked under the same model and tag."""
        return self.revisions.get((revision.model, revision.tag))


def write_lock(path: Path, lock: Lock) -> None:
    """Write `lock`: sorted, one fact a line; the same facts give the same bytes."""
    models: dict[str, dict[str, Any]] = {}
    for (model, tag), revision in lock.revisions.items():
        models.setdefault(model, {})[tag] = {
            "commit": revision.commit,
            "digest": revision.digest,
            "files": {f.path: {"sha256": f.sha256, "size_bytes": f.size_bytes} for f in revision.files},
            "hub": revision.hub,
        }
    consents = {digest: {"at": consent.at, "by": consent.by} for digest, consent in lock.consents.items()}
    data = {"schema": LOCK_SCHEMA, "consents": consents, "models": models}
    write_text(path, json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_lock(path: Path) -> Lock:
    """The lock that lies at `path`; `DamoverError` with every fault when it is no lock or contradicts itself."""
    where = path.name
    data = parse_json(read_bytes(path, where, Code.LOCK), where, Code.LOCK)
    faults: list[Fault] = []
    try:
        if data["schema"] != LOCK_SCHEMA:
            raise DamoverError(_other_schema(where, data))
        revisions = {
            (model, tag): _revision(model, tag, entry, where, faults)
            for model, tags in data["models"].items()
            for tag, entry in tags.items()
        }
        consents = {digest: _consent(digest, entry, where, faults) for digest, entry in data["consents"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        allowed = "a file as damover lock writes it"
        raise DamoverError(_fault(where, f"not a lock ({type(error).__name__}: {error})", allowed)) from error
    if faults:
        raise DamoverError(*faults)
    return Lock(revisions, consents)


def check_locked(path: Path, revisions: Iterable[Revision]) -> None:
    """Raise `DamoverError` with each file that differs from the lock, and each revision that is not in it."""
    asked = tuple(revisions)
    if not path.exists():
        names = " ".join(dict.fromkeys(revision.tag for revision in asked))
        allowed = "a lock of the revisions that run, since this run is to be locked"
        next_step = f"damover lock {names}, and commit it; or run unlocked: damover_locked = false, --damover-unlocked"
        raise DamoverError(Fault(Code.LOCK, path.name, "is not there", allowed, next_step))
    lock = read_lock(path)
    faults: list[Fault] = []
    for revision in asked:
        known = lock.locked_as(revision)
        if known is None:
            have = ", ".join(tag for model, tag in lock.revisions if model == revision.model)
            found, next_step = f"{revision.model} {revision.tag} is not locked", f"damover lock {revision.tag}"
            faults.append(_fault(path.name, found, have or "no revision of this model is", next_step))
        elif known.digest != revision.digest:
            where = f"{path.name}: {revision.model} {revision.tag}"
            next_step = f"compare the files; if they are what you want: damover lock {revision.tag}"
            told = differences(known.files, revision.files)
            faults.extend(_fault(where, text, "the bytes that were locked", next_step) for text in told)
    if faults:
        raise DamoverError(*faults)


def check_consent(path: Path, revisions_and_safety: Iterable[tuple[Revision, Safety]]) -> Mapping[str, Consent]:
    """The consents, by digest, of the revisions whose loading runs code; `DamoverError` names each that has none.

    The lock at `path` is read only when a revision runs code; a lock that is not there consents to nothing.
    """
    running = [(revision, safety) for revision, safety in revisions_and_safety if safety.executes_code]
    lock = read_lock(path) if running and path.exists() else Lock()
    faults = [_no_consent(lock, *pair) for pair in running if pair[0].digest not in lock.consents]
    if faults:
        raise DamoverError(*faults)
    return {revision.digest: lock.consents[revision.digest] for revision, _ in running}


def differences(locked: Iterable[FileEntry], found: Iterable[FileEntry]) -> tuple[str, ...]:
    """One sentence for each file that two manifests do not share, in path order."""
    before, after = {entry.path: entry for entry in locked}, {entry.path: entry for entry in found}
    sentences = []
    for path in sorted(before.keys() | after.keys()):
        old, new, shown = before.get(path), after.get(path), _shown(path)
        if old is None:
            sentences.append(f"{shown} is new")
        elif new is None:
            sentences.append(f"{shown} is gone")
        elif old != new:
            sentences.append(f"{shown} was {_bytes_of(old)} and is {_bytes_of(new)}")
    return tuple(sentences)


def _shown(text: str) -> str:
    """`text`, or its escapes where it holds a line break or anything else that a terminal would obey."""
    return text if text.isprintable() else ascii(text)


def _bytes_of(entry: FileEntry) -> str:
    return f"{entry.size_bytes} bytes with SHA-256 {entry.sha256[:12]}"


def _no_consent(lock: Lock, revision: Revision, safety: Safety) -> Fault:
    reasons = [_shown(str(reason)) for reason in safety.reasons]
    more = f"; and {len(reasons) - FIRST_REASONS} more" if len(reasons) > FIRST_REASONS else ""
    found = f"loading it may run code ({'; '.join(reasons[:FIRST_REASONS])}{more}), and nobody consented to that"
    known = lock.locked_as(revision)
    if known is not None and known.digest in lock.consents:
        found += f": {_shown(lock.consents[known.digest].by)} consented to other bytes, of digest {known.digest[:12]}"
    where = f"{revision.model} {revision.tag}"
    allowed = f"a revision that runs nothing, or a consent to digest {revision.digest[:12]} in {FILE_NAME}"
    return Fault(Code.CONSENT, where, found, allowed, f"damover lock --consent {revision.tag}")


def _revision(model: str, tag: str, entry: Mapping[str, Any], where: str, faults: list[Fault]) -> Revision:
    files = tuple(
        sorted(FileEntry(str(name), file["size_bytes"], file["sha256"]) for name, file in entry["files"].items())
    )
    sound = all(type(f.size_bytes) is int and f.size_bytes >= 0 and _SHA256.fullmatch(f.sha256) for f in files)
    if not sound or manifest_digest(files) != entry["digest"]:
        found = f"{model} {tag}: its digest is not that of its files"
        next_step = f"take the lines of {tag} out, then: damover lock {tag}"
        faults.append(_fault(where, found, "a file as written", next_step))
    return Revision(tag, tag, model, str(entry["hub"]), entry["commit"], files)


def _consent(digest: str, entry: Mapping[str, Any], where: str, faults: list[Fault]) -> Consent:
    at, by = entry["at"], entry["by"]
    wrong = (
        (not _SHA256.fullmatch(digest), "is no digest", "64 characters of 0-9 and a-f"),
        (not (isinstance(by, str) and by.strip()), f"by {by!r}: nobody", "who consented"),
        (not _is_moment(at), f"at {at!r}: no moment", "ISO 8601 in UTC, as 2026-01-31T12:00:00+00:00"),
        (entry.keys() != _CONSENT_KEYS, f"the keys {', '.join(sorted(entry))}", "the keys at, by"),
    )
    shown = digest[:12] if _SHA256.fullmatch(digest) else repr(digest)
    next_step = "take the entry out, then: damover lock --consent NAME"
    faults += [
        _fault(f"{where}: consent to {shown}", found, allowed, next_step) for bad, found, allowed in wrong if bad
    ]
    return Consent(digest, by, at)


def _is_moment(text: object) -> bool:
    if not isinstance(text, str) or "T" not in text:
        return False
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z") + ("+00:00" if text.endswith("Z") else ""))
    except ValueError:
        return False
    return moment.utcoffset() == timezone.utc.utcoffset(None)


def _other_schema(where: str, data: Mapping[str, Any]) -> Fault:
    """The refusal of a lock of another schema, with the command that locks the same names anew."""
    tags = {str(tag) for tags in data.get("models", {}).values() for tag in tags}
    next_step = f"move it away, then: damover lock {' '.join(sorted(tags)) or 'NAME'}"
    return _fault(where, f"schema {data['schema']!r}", f"schema {LOCK_SCHEMA}", next_step)


def _fault(where: str, found: str, allowed: str, next_step: str = "damover lock NAME") -> Fault:
    return Fault(Code.LOCK, where, found, allowed, next_step)
