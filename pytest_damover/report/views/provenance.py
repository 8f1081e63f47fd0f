"""What was judged and how: the bytes of each revision, environment, policy in force, digests, how to remake it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.numbers import count, file_size
from pytest_damover.report.words import Words

MOST_FILES = 400
TOLD_ELSEWHERE = ("versions", "runner", "confinement")


def file_table(baseline: Revision | None, candidate: Revision) -> dict[str, Any]:
    """Every file of both revisions in path order, marked equal, changed, added or removed."""
    before: dict[str, FileEntry] = {} if baseline is None else {entry.path: entry for entry in baseline.files}
    after = {entry.path: entry for entry in candidate.files}
    paths, paired = sorted({*before, *after}), baseline is not None
    rows = [_file_row(path, before.get(path), after.get(path), paired) for path in paths]
    return {
        "paired": paired,
        "rows": rows[:MOST_FILES],
        "more": max(0, len(rows) - MOST_FILES),
        "changed": sum(row["mark"] not in ("equal", "") for row in rows),
        "total": len(rows),
    }


def environment_rows(run: Run) -> list[tuple[str, str]]:
    """The journal's environment as it stands, then what each loaded revision's detector says of itself."""
    rows = [(str(name), _told(value)) for name, value in sorted(run.journal.environment.items())]
    for revision, facts in dict(run.journal.loads).items():
        rows += [(f"{revision}: {name}", _told(value)) for name, value in facts.items() if name not in TOLD_ELSEWHERE]
    return rows


def protocol_rows(run: Run, words: Words) -> list[tuple[str, str]]:
    """How the run was made."""
    plan = run.plan
    images = sum(len(suite.cases) for suite in plan.suites)
    return [
        (words("protocol.run"), plan.run_id),
        (words("protocol.created"), plan.created_at),
        (words("protocol.command"), plan.command),
        (words("protocol.detector"), plan.detector),
        (words("protocol.device"), plan.device),
        (words("protocol.suites"), ", ".join(f"{suite.name} ({suite.root})" for suite in plan.suites)),
        (words("protocol.cases"), count(images)),
        (words("protocol.ended"), words.retell(run.journal.ended) if run.journal.ended else words("banner.no_end")),
        *((words("protocol.note"), words.retell(note)) for note in plan.notes),
    ]


def policies(run: Run) -> list[dict[str, Any]]:
    """Each suite's policy, flattened to `key = value`."""
    return [
        {
            "suite": suite.name,
            "source": suite.policy_source,
            "rows": [] if suite.policy is None else _flat(suite.policy),
        }
        for suite in run.plan.suites
    ]


def digests(verdict: Verdict, words: Words) -> list[tuple[str, str]]:
    """The digests that tie this page to its inputs."""
    rows = [(words("digest.plan"), verdict.plan_digest), (words("digest.journal"), verdict.journal_digest)]
    rows.append((words("digest.policy"), verdict.policy_digest))
    if verdict.baseline is not None:
        rows.append((f"{words('role.baseline')} {verdict.baseline.name}", verdict.baseline.digest))
    return rows + [
        (f"{words('role.candidate')} {candidate.revision.name}", candidate.revision.digest)
        for candidate in verdict.candidates
    ]


def remake(run: Run) -> list[str]:
    """The commands that make verdict and report again, without a model."""
    folder = f"reports/{run.plan.run_id}"
    return [f"damover judge {folder}", f"damover report {folder}"]


def _file_row(path: str, before: FileEntry | None, after: FileEntry | None, paired: bool) -> dict[str, Any]:
    return {"path": path, "mark": _mark(before, after) if paired else "", "sides": [_file(before), _file(after)]}


def _mark(before: FileEntry | None, after: FileEntry | None) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    return "equal" if (before.sha256, before.size_bytes) == (after.sha256, after.size_bytes) else "changed"


def _file(entry: FileEntry | None) -> dict[str, str] | None:
    return None if entry is None else {"size": file_size(entry.size_bytes), "sha256": entry.sha256}


def _flat(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in data.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", _told(value)))
    return rows


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_told(inner)}" for name, inner in value.items())
    return ", ".join(_told(inner) for inner in value) if isinstance(value, list | tuple) else str(value)
