"""A revision: one pinned state of a model, known by the digest of all its files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.semver import is_range, parse_range

NAME_PATTERN = re.compile(r"[A-Za-z0-9._/][A-Za-z0-9._/-]{0,127}")


@dataclass(frozen=True, slots=True, order=True)
class FileEntry:
    """One file of a revision: path with forward slashes relative to its folder, size in bytes, SHA-256 in hex."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A resolved revision.

    `requested` is what the user asked for, literally: a tag, an alias, `latest`, `>=2,<3` (empty: the same as `name`).
    `name` is what plans, reports and node ids show: an alias as it is, else the tag that was asked for or stands for
    what was asked for. `tag` is what the hub calls it; `commit` is given when the hub has one; `files` is the whole
    manifest in path order.
    """

    name: str
    tag: str
    model: str
    hub: str
    commit: str | None
    files: tuple[FileEntry, ...]
    requested: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "requested", self.requested or self.name)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical manifest: one `path NUL size NUL sha256 LF` per file, in path order."""
        return manifest_digest(self.files)

    @property
    def size_bytes(self) -> int:
        """Bytes of all files together."""
        return sum(entry.size_bytes for entry in self.files)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the plan."""
        return {
            "name": self.name,
            "requested": self.requested,
            "tag": self.tag,
            "model": self.model,
            "hub": self.hub,
            "commit": self.commit,
            "digest": self.digest,
            "files": [[entry.path, entry.size_bytes, entry.sha256] for entry in self.files],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Revision:
        """The inverse of `to_json`; the digest is computed again, never believed."""
        files = tuple(FileEntry(*entry) for entry in data["files"])
        requested = data.get("requested", "")
        return cls(data["name"], data["tag"], data["model"], data["hub"], data["commit"], files, requested)


def manifest_digest(files: Iterable[FileEntry]) -> str:
    """SHA-256 in hex over `path NUL size NUL sha256 LF` of each file in path order."""
    digest = hashlib.sha256()
    for entry in sorted(files):
        digest.update(f"{entry.path}\0{entry.size_bytes}\0{entry.sha256}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()


def check_asked(asked: str, where: str) -> str:
    """Return what a person may ask for, a legal revision name or a range of versions, else raise `DamoverError`."""
    if is_range(asked):
        parse_range(asked, where)
        return asked
    return check_name(asked, where)


def check_name(name: str, where: str) -> str:
    """Return `name` when it is a legal revision name, else raise `DamoverError`.

    Legal: 1 to 128 of `A-Z a-z 0-9 . _ / -`, no leading `-` or `/`, no `..`.
    """
    if NAME_PATTERN.fullmatch(name) and ".." not in name and not name.startswith("/"):
        return name
    raise DamoverError(
        Fault(
            Code.REVISION_NAME,
            where,
            f"{name!r} is not a revision name",
            "1 to 128 letters, digits, '.', '_', '/', '-'; no '..', no leading '-' or '/'",
            "give names as the hub lists them: damover revisions",
        )
    )
