"""Which failures do not make a run red, and why: pytest shows them as xfailed, and other lists agree with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.waived_cases import Waived, waived_cases
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.policy import Policy
from pytest_damover.domain.run import DETECT, LATENCY, Plan, PlanItem, Run
from pytest_damover.domain.verdict import Action

BASELINE_FAILS = "baseline already fails this"
KNOWN_FAILURE = "known failure: the baseline fails this too"


def allowance(policy: Policy | None, severity: Severity, alone: bool) -> int | None:
    """How many failures of a severity the policy lets pass: regressions, or plain failures of a lone revision.

    None where they stop nothing; 0 without a policy.
    """
    if policy is None:
        return 0
    if policy.action("failures" if alone else "regressions", None) is not Action.BLOCK:
        return None
    limits = policy.in_force(alone)
    return (limits.failures if alone else limits.regressions).get(severity, 0)


def allowed(severity: Severity, number: int, limit: int | None, alone: bool) -> str | None:
    """Why the failure of that number (from 1) of its severity is let pass; None when it is one too many."""
    told = f"{severity.value} {'failure' if alone else 'regression'} {number}"
    if limit is None:
        return f"{told}: the policy does not stop a candidate for them"
    return f"{told} of {limit} allowed" if number <= limit else None


def tolerated(run: Run, policies: Mapping[str, Policy]) -> Mapping[str, str]:
    """Why an item that failed does not make the run red, by the item's key, in the order in which they ended.

    With an allowance of one major regression the first of two is in it and the second is not.
    """
    items = {item.key: item for item in run.plan.items}
    waived, spent = waived_cases(run.plan), Counter[tuple[str, str, Severity]]()
    found: dict[str, str] = {}
    for end in run.journal.finished:
        item = items.get(end.item)
        if item is None or end.outcome is not ItemOutcome.FAILED or end is not run.finished[end.item]:
            continue
        why = _excused(run, item, end, waived)
        if why is None and not end.crashed:
            severity, alone = severity_of(run, item), run.plan.baseline is None
            spent[item.suite, item.revision, severity] += 1
            number = spent[item.suite, item.revision, severity]
            why = allowed(severity, number, allowance(policies.get(item.suite), severity, alone), alone)
        if why is not None:
            found[end.item] = why
    return found


def severity_of(run: Run, item: PlanItem) -> Severity:
    """The severity of what the item is about: major for a race, and for what nobody gave another."""
    if item.probe == LATENCY:
        return Severity.MAJOR
    case = run.cases.get((item.suite, item.case)) if item.probe == DETECT else None
    return marked_severity(run.plan, item.suite, item.case) if case is None else case.severity


def marked_severity(plan: Plan, suite: str, case: str) -> Severity:
    """As marked, major without a mark; a mark or a suite that nobody knows is taken at its worst."""
    named = [known.test_severities.get(case, Severity.MAJOR.value) for known in plan.suites if known.name == suite]
    return Severity(named[0]) if named and named[0] in {known.value for known in Severity} else Severity.CRITICAL


def _excused(run: Run, item: PlanItem, end: Finished, waived: Waived) -> str | None:
    """What holds however many they are: the baseline is to blame, or somebody waived it. It covers no crash."""
    baseline = run.plan.baseline
    if baseline is not None and item.revision == baseline.name:
        return BASELINE_FAILS
    if end.crashed:
        return None
    before = None if baseline is None else run.finished.get(_on(item, baseline.name).key)
    if before is not None and before.outcome is ItemOutcome.FAILED:
        return KNOWN_FAILURE
    return None if item.probe == LATENCY else waived.get((item.suite, item.case, item.revision))


def _on(item: PlanItem, revision: str) -> PlanItem:
    return PlanItem(item.suite, item.case, item.probe, revision)
