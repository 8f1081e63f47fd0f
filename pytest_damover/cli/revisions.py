"""`damover revisions`: what the hub has, and what of it is locked, consented to and in use here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_damover.cli.output import complain, say, say_json, width
from pytest_damover.cli.project import Project, add_place_options, open_project
from pytest_damover.cli.table import NOTHING, Column, lines
from pytest_damover.domain.errors import DamoverError

if TYPE_CHECKING:
    from pytest_damover.domain.revision import Revision
    from pytest_damover.hubs import RevisionInfo
    from pytest_damover.lock import Lock
    from pytest_damover.report.words import Words

SHORT = 12
CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Row:
    """One revision of the list.

    `revision` is None when nobody asked for its files, or when `error` says why they cannot be told. `locked` is
    `yes`, `moved`, `no`, or `unknown` when it is locked and what the hub now has was not compared.
    """

    info: RevisionInfo
    revision: Revision | None
    locked: str
    consent: dict[str, str] | None
    is_current: bool
    aliases: tuple[str, ...]
    error: DamoverError | None = None


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("revisions", help="list what the hub has, and what is locked, consented to, current")
    parser.add_argument("model", nargs="?", help="owner/name (default: damover_model)")
    add_place_options(parser)
    parser.add_argument("--quick", action="store_true", help="ask for the list only: no sizes, no digests")
    parser.add_argument("--json", action="store_true", help="every field, for programs")
    parser.set_defaults(run=_revisions)


def _revisions(options: argparse.Namespace) -> int:
    project = open_project(options)
    lock = project.lock()
    listed = project.hub.list_revisions(project.model)
    rows = [_row(project, lock, info, options.quick) for info in listed]
    if options.json:
        say_json([_as_data(row) for row in rows])
        return 0
    words = project.words
    say(words("list.of", model=project.model, place=project.place))
    table, missing = lines(_columns(rows, words), width())
    for line in table:
        say(line)
    if missing:
        say(words("list.no_room", titles=", ".join(missing)))
    for row in rows:
        if row.error is not None:
            complain(row.error, project.lang)
    return 0


def _row(project: Project, lock: Lock, info: RevisionInfo, quick: bool) -> Row:
    from pytest_damover.hubs import UnreachableError

    revision, error = None, None
    if not quick:
        try:
            revision = project.hub.resolve(project.model, info.name)
        except UnreachableError:
            raise
        except DamoverError as refused:
            error = refused
    known = lock.revisions.get((project.model, info.name))
    consent = lock.consents.get(revision.digest) if revision is not None else None
    names = {alias for alias, tag in project.settings.aliases.items() if tag == info.name}
    return Row(
        info=info,
        revision=revision,
        locked=_locked(known, revision, info),
        consent=None if consent is None else {"by": consent.by, "at": consent.at},
        is_current=CURRENT in names,
        aliases=tuple(sorted(names - {CURRENT})),
        error=error,
    )


def _locked(known: Revision | None, found: Revision | None, info: RevisionInfo) -> str:
    if known is None:
        return "no"
    if found is not None:
        return "yes" if known.digest == found.digest else "moved"
    if known.commit is None or info.commit is None:
        return "unknown"
    return "yes" if known.commit == info.commit else "unknown"  # another commit may hold the same files


def _columns(rows: Sequence[Row], words: Words) -> list[Column]:
    from pytest_damover.report.numbers import file_size
    from pytest_damover.report.text import one_line

    def column(name: str, cells: Sequence[str | None], rank: int = 0, **how: bool) -> Column:
        return Column(words(f"list.{name}"), tuple(one_line(cell) if cell else NOTHING for cell in cells), rank, **how)

    yes, refused = words("list.yes"), words("list.refused")
    sizes = [file_size(row.revision.size_bytes) if row.revision else None for row in rows]
    digests = [row.revision.digest[:SHORT] if row.revision else refused if row.error else None for row in rows]
    return [
        column("name", [row.info.name for row in rows]),
        column("kind", [words(f"list.{row.info.kind}") for row in rows], 4),
        column("commit", [(row.info.commit or "")[:SHORT] for row in rows], 6),
        column("date", [(row.info.created_at or "")[:16].replace("T", " ") for row in rows], 3),
        column("size", sizes, 2, right=True),
        column("digest", digests, 5),
        column("locked", [words(f"list.{row.locked}") for row in rows]),
        column("consent", [yes if row.consent else None for row in rows]),
        column("current", [yes if row.is_current else None for row in rows], 1),
        column("aliases", [", ".join(row.aliases) for row in rows], 7),
        column("message", [row.info.message for row in rows], 8, running_text=True),
    ]


def _as_data(row: Row) -> dict[str, Any]:
    return {
        "name": row.info.name,
        "kind": row.info.kind,
        "commit": row.info.commit,
        "created_at": row.info.created_at,
        "message": row.info.message,
        "size_bytes": row.revision.size_bytes if row.revision else None,
        "files": len(row.revision.files) if row.revision else None,
        "digest": row.revision.digest if row.revision else None,
        "locked": row.locked,
        "consent": row.consent,
        "current": row.is_current,
        "aliases": list(row.aliases),
        "error": str(row.error) if row.error else None,
    }
