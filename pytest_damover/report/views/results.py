"""Every planned item and every verdict as a test result, for the formats that CI servers read.

Red is what pytest shows red: a failure that the policy, a waiver or the baseline excuses is tolerated. What was planned
and never ended is missing, and a verdict that is no PASS is red, so that no list of results looks better than the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from functools import lru_cache

from pytest_damover.domain.comparing.tolerance import tolerated
from pytest_damover.domain.gate import planned_policies
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.run import DETECT, TEST, PlanItem, Run
from pytest_damover.domain.verdict import Answer, CandidateVerdict, Verdict
from pytest_damover.domain.waiver import TEST_SIGN
from pytest_damover.report.text import lines_of, one_line
from pytest_damover.report.views.findings import by_weight, counts_against
from pytest_damover.report.views.states import why_failed

VERDICT_SUITE = "verdict"
"""The name under which verdicts stand among the suites."""
NEVER_ENDED = "planned, and has no result"


class Status(str, Enum):
    """What a result is; `MISSING` is an item of the plan that has no end in the journal."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    TOLERATED = "tolerated"
    MISSING = "missing"


RED = (Status.FAILED, Status.ERROR, Status.MISSING)
_BY_OUTCOME = {
    ItemOutcome.PASSED: Status.PASSED,
    ItemOutcome.FAILED: Status.FAILED,
    ItemOutcome.ERROR: Status.ERROR,
    ItemOutcome.SKIPPED: Status.SKIPPED,
}
_BY_ANSWER = {
    Answer.PASS: Status.PASSED,
    Answer.FAIL: Status.FAILED,
    Answer.INCONCLUSIVE: Status.ERROR,
    Answer.ERROR: Status.ERROR,
}


@dataclass(frozen=True, slots=True)
class Result:
    """One result; all text is on one line and fit to be read, `details` has a line for each reason.

    `raw` is the word of the journal or of the verdict; `file` is relative to the project, '' where there is none.
    """

    suite: str
    name: str
    revision: str
    status: Status
    raw: str
    message: str = ""
    details: tuple[str, ...] = ()
    duration_ns: int = 0
    file: str = ""


def results(run: Run, verdict: Verdict) -> Iterator[Result]:
    """One result for each item in the order of the plan, then one for each candidate's verdict."""
    excuses = tolerated(run, planned_policies(run.plan))
    on_one_line = lru_cache(maxsize=256)(one_line)  # of 200,000 items few differ in suite, revision and file
    for item in run.plan.items:
        yield _of_item(run, item, excuses.get(item.key), on_one_line)
    for candidate in verdict.candidates:
        yield _of_verdict(candidate)


def began(run: Run) -> datetime | None:
    """When the plan was made, None when it does not say so."""
    try:
        moment = datetime.fromisoformat(run.plan.created_at.replace("Z", "+00:00"))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return moment if moment >= datetime(1970, 1, 1, tzinfo=timezone.utc) else None


def file_of(run: Run, suite: str, case: str, probe: str) -> str:
    """The file that says what was demanded, relative to the project; '' where there is none."""
    if probe == TEST:
        roots = (known.root for known in run.plan.suites if known.name == suite)
        return f"{next(roots, suite)}/{case.partition(TEST_SIGN)[0]}"
    known = run.cases.get((suite, case)) if probe == DETECT else None
    return "" if known is None else known.source


def _of_item(run: Run, item: PlanItem, excuse: str | None, on_one_line: Callable[[str], str]) -> Result:
    end = run.finished.get(item.key)
    suite, revision = on_one_line(item.suite), on_one_line(item.revision)
    name = one_line(item.case)
    file = on_one_line(file_of(run, item.suite, item.case, item.probe))
    shown = f"{name}[{revision}]" if revision else name
    if end is None:
        return Result(suite, shown, revision, Status.MISSING, "missing", NEVER_ENDED, file=file)
    status = _BY_OUTCOME[end.outcome]
    if status is Status.PASSED:
        return Result(suite, shown, revision, status, "passed", duration_ns=_counted(end.duration_ns), file=file)
    why = tuple(line for reason in why_failed(end) for line in lines_of(reason))
    if status is Status.FAILED and excuse is not None:
        status, why = Status.TOLERATED, (one_line(excuse), *why)
    message = why[0] if why else end.outcome.value
    return Result(suite, shown, revision, status, end.outcome.value, message, why, _counted(end.duration_ns), file)


def _of_verdict(candidate: CandidateVerdict) -> Result:
    against = [finding for finding in by_weight(candidate.findings) if counts_against(finding)]
    why = tuple(
        one_line(f"{finding.verdict.value} {finding.rule} {finding.slice or finding.label or ''}: {finding.message}")
        for finding in against
    )
    name, answer = one_line(candidate.revision.name), candidate.verdict
    message = "" if answer is Answer.PASS else f"{answer.value}; {why[0]}" if why else answer.value
    return Result(VERDICT_SUITE, f"verdict[{name}]", name, _BY_ANSWER[answer], answer.value, message, why)


def _counted(duration_ns: int) -> int:
    """A time that is none counts as nothing."""
    return max(0, duration_ns)
