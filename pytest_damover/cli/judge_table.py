"""`damover judge --policies`: which runs would other rules have stopped? A question, so its answer changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_damover.cli.output import complain, say, say_json, width
from pytest_damover.cli.table import Column, lines
from pytest_damover.domain.errors import Code, DamoverError, Fault

if TYPE_CHECKING:
    from pytest_damover.domain.revision import Revision
    from pytest_damover.domain.verdict import CandidateVerdict, Finding

REFUSED = 4
"""The exit code when a run could not be read; 0 when every cell has its answer, whatever the answers are."""


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate of one run under each policy; a run that cannot be judged has one row with its `error`."""

    run: str
    run_id: str = ""
    baseline: str | None = None
    candidate: Revision | None = None
    answers: tuple[CandidateVerdict, ...] = ()
    error: DamoverError | None = None


def show(runs: Sequence[Path], files: str, as_json: bool, lang: str) -> int:
    """Print the table of `runs` under the comma-separated policy `files`; 0, or 4 when a run could not be read."""
    policies = _read_policies(files)
    rows = [row for run in runs for row in _rows(run, list(policies.values()))]
    if as_json:
        say_json([_as_data(row, list(policies)) for row in rows])
    else:
        for line in lines(_columns(rows, list(policies)), width())[0]:
            say(line)
    for row in rows:
        if row.error is not None:
            complain(row.error, lang)
    return REFUSED if any(row.error is not None for row in rows) else 0


def _read_policies(files: str) -> dict[str, Mapping[str, Any]]:
    from pytest_damover import suites

    names = list(dict.fromkeys(name for name in files.split(",") if name))
    if not names:
        raise DamoverError(Fault(Code.OPTION, "--policies", f"{files!r}", "policy files, comma-separated"))
    read = [suites.read_policy(Path(name), name) for name in names]
    faults = [fault for policy in read for fault in policy.faults]
    if faults:
        raise DamoverError(*faults)
    return {policy.source: policy.data for policy in read if policy.data is not None}


def _rows(path: Path, policies: Sequence[Mapping[str, Any]]) -> list[Row]:
    from pytest_damover import remake, store

    try:
        run = remake.read_run(store.open_run_folder(path))
        verdicts = [remake.judge_run(run, policy).verdict for policy in policies]
    except DamoverError as error:
        return [Row(str(path), error=error)]
    plan = run.plan
    baseline = None if plan.baseline is None else plan.baseline.name
    return [
        Row(str(path), plan.run_id, baseline, revision, tuple(verdict.candidates[place] for verdict in verdicts))
        for place, revision in enumerate(plan.candidates)
    ] or [Row(str(path), plan.run_id, baseline)]


def _columns(rows: Sequence[Row], policies: Sequence[str]) -> list[Column]:
    from pytest_damover.report.text import one_line

    def column(title: str, cells: Sequence[str]) -> Column:
        return Column(one_line(title), tuple(map(one_line, cells)))

    return [
        column("run", [row.run for row in rows]),
        column("candidate", [row.candidate.name if row.candidate else "-" for row in rows]),
        *(column(name, [_cell(row, place) for row in rows]) for place, name in enumerate(policies)),
    ]


def _cell(row: Row, place: int) -> str:
    if row.error is not None:
        return "refused"
    if not row.answers:
        return "INCONCLUSIVE no-candidate"
    answer = row.answers[place]
    reason = stopped_by(answer)
    return answer.verdict.value if reason is None else f"{answer.verdict.value} {_place(reason)} {reason.reason}"


def stopped_by(answer: CandidateVerdict) -> Finding | None:
    """The first finding that made the answer what it is; None for a PASS."""
    if answer.verdict.exit_code == 0:
        return None
    return next((finding for finding in answer.findings if finding.verdict is answer.verdict), None)


def _place(finding: Finding) -> str:
    about = finding.slice if finding.slice is not None else finding.label
    return finding.rule if about is None else f"{finding.rule}[{about}]"


def _as_data(row: Row, policies: Sequence[str]) -> dict[str, Any]:
    return {
        "run": row.run,
        "run_id": row.run_id,
        "baseline": row.baseline,
        "candidate": row.candidate and row.candidate.name,
        "digest": row.candidate and row.candidate.digest,
        "answers": [
            {"policy": name, "verdict": answer.verdict.value, "stopped_by": reason and reason.to_json()}
            for name, answer in zip(policies, row.answers, strict=False)
            for reason in [stopped_by(answer)]
        ],
        "error": row.error and str(row.error),
    }
