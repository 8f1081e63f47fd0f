"""Rules `regressions.*` and `failures.*`: how many cases and Python tests may go wrong, by severity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.comparison import CaseComparison, Change
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.rules.intervals import number_or_none
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_cases
from pytest_damover.domain.rules.waived import set_aside, told
from pytest_damover.domain.scoring.significance import mcnemar, p_text
from pytest_damover.domain.verdict import Answer, Finding


def judge_regressions(judged: JudgedSuite) -> tuple[Finding, ...]:
    """What the baseline passes and the candidate fails; nothing without a baseline.

    Where there is any, the finding also weighs the suite's regressions against its fixes; the limit alone decides.
    """
    if judged.alone:
        return ()
    findings = (
        _finding(
            judged,
            f"regressions.{severity.value}",
            [case for case in complete if case.change is Change.REGRESSION],
            judged.limits.regressions.get(severity, 0),
            len(complete),
            "pass on the baseline and fail on the candidate",
        )
        for severity in Severity
        for complete in [_complete(judged, severity)]
    )
    weighed = _weighed(judged)
    return tuple(replace(found, message=found.message + weighed) if found.value else found for found in findings)


def regressions_and_fixes(cases: Iterable[CaseComparison]) -> tuple[int, int]:
    """How many cases and tests that ran on both sides only the baseline passes, and how many only the candidate."""
    paired = [case.change for case in cases if case.baseline is not None]
    return paired.count(Change.REGRESSION), paired.count(Change.FIXED)


def judge_failures(judged: JudgedSuite) -> tuple[Finding, ...]:
    """What the candidate fails, whatever the baseline does; alone, a severity without a limit allows none."""
    limits = judged.limits.failures
    return tuple(
        _finding(
            judged,
            f"failures.{severity.value}",
            [case for case in ended if case.candidate is not None and case.candidate.outcome is ItemOutcome.FAILED],
            limits[severity],
            len(ended),
            "fail on the candidate",
        )
        for severity in Severity
        if severity in limits
        for ended in [[case for case in judged.cases if case.severity is severity and _candidate_ended(case)]]
    )


def _complete(judged: JudgedSuite, severity: Severity) -> list[CaseComparison]:
    return [case for case in judged.cases if case.severity is severity and case.change is not Change.INCOMPLETE]


def _candidate_ended(case: CaseComparison) -> bool:
    return case.candidate is not None and case.candidate.outcome in (ItemOutcome.PASSED, ItemOutcome.FAILED)


def _weighed(judged: JudgedSuite) -> str:
    lost, fixed = regressions_and_fixes(judged.cases)
    p = mcnemar(lost, fixed)
    if p is None:
        return ""
    told = {"fixed": "more fixed than lost", "lost": "more lost than fixed", "even": "as many fixed as lost"}
    more = told[balance(lost, fixed)]
    return f"; in the whole suite {lost} regressed and {fixed} fixed, {more}: exact McNemar p {p_text(p)}"


def balance(lost: int, fixed: int) -> Literal["fixed", "lost", "even"]:
    """Of which there is more; a p-value alone says that there is a difference, and not in whose favour."""
    if lost == fixed:
        return "even"
    return "fixed" if fixed > lost else "lost"


def _finding(judged: JudgedSuite, rule: str, wrong: Sequence[CaseComparison], limit: int, n: int, what: str) -> Finding:
    counted, waived = set_aside(judged.waivers, wrong)
    within = len(counted) <= limit
    reason = Reason.OVER_LIMIT
    if within:
        reason = Reason.WITHIN_LIMIT if len(wrong) <= limit else Reason.WAIVED
    severity = rule.rsplit(".", 1)[1]
    names = f": {named(case.case for case in counted)}" if counted else ""
    return Finding(
        rule=rule,
        verdict=Answer.PASS if within else Answer.FAIL,
        reason=reason.value,
        message=f"{len(counted)} of {n} {severity} cases {what}, {limit} are allowed{names}{told(waived)}",
        suite=judged.suite.name,
        value=len(counted),
        limit=number_or_none(limit),
        n=n,
        rerun=rerun_cases(judged.run, judged.comparison, counted or wrong),
        waivers=tuple(one.id for one, _ in waived),
    )
