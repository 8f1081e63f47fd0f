"""Rule `crashes`: a candidate that crashes, hangs or runs out of memory in a case is no replacement."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_damover.domain.comparing.comparison import CaseComparison, Comparison
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_cases
from pytest_damover.domain.run import LATENCY, Run
from pytest_damover.domain.verdict import Answer, Finding

RULE = "crashes"


def judge_crashes(run: Run, comparison: Comparison) -> tuple[Finding, ...]:
    """FAIL for any crash on the candidate, however many failures a policy allows; the baseline's are known failures.

    Nothing of an identical candidate, which did not run.
    """
    if comparison.identical:
        return ()
    crashed = [case for case in comparison.cases if _crashed(case.candidate)]
    races = [
        run.finished[item.key]
        for item in run.plan.items
        if (item.probe, item.revision) == (LATENCY, comparison.candidate.name) and _crashed(run.finished.get(item.key))
    ]
    ends = [case.candidate for case in crashed if case.candidate is not None] + races
    if ends:
        return (_crash(run, comparison, crashed, ends),)
    before = [case.baseline for case in comparison.cases if case.baseline is not None and _crashed(case.baseline)]
    if before:
        message = f"{len(before)} items crashed on the baseline, and none on the candidate: {_told(before)}"
        return (_finding(Answer.PASS, Reason.BASELINE_CRASHED, message, len(before)),)
    return (_finding(Answer.PASS, Reason.NO_CRASH, f"no item crashed on {comparison.candidate.name}", 0),)


def _crash(run: Run, comparison: Comparison, cases: Sequence[CaseComparison], ends: Sequence[Finished]) -> Finding:
    message = f"{len(ends)} items crashed on {comparison.candidate.name}, none is allowed: {_told(ends)}"
    return _finding(Answer.FAIL, Reason.CRASHED, message, len(ends), rerun_cases(run, comparison, cases))


def _crashed(end: Finished | None) -> bool:
    return end is not None and end.crashed and end.outcome is not ItemOutcome.PASSED


def _told(ends: Sequence[Finished]) -> str:
    return f"{named(end.item for end in ends)}; first: {ends[0].reason or 'no reason given'}"


def _finding(answer: Answer, reason: Reason, message: str, value: int, rerun: str = "") -> Finding:
    return Finding(RULE, answer, reason.value, message, value=value, limit=0, n=value, rerun=rerun)
