"""Rule `waiver`: every waiver is in force, names what there is, and is needed; a used one is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.policy import Policy, policy_from_data
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.planned import planned_rules
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.waived import blocks, has_crashed, is_about
from pytest_damover.domain.run import PlannedRule, Run, SuitePlan
from pytest_damover.domain.verdict import Action, Answer, Finding, WaiverUse
from pytest_damover.domain.waiver import TEST_SIGN, Waiver, date_of

RULE = "waiver"


@dataclass(frozen=True, slots=True)
class Told:
    """One candidate: how it compares, and what the other rules found; `whole` when everything ran that had to."""

    comparison: Comparison
    findings: Sequence[Finding]
    whole: bool

    @property
    def name(self) -> str:
        """The candidate's."""
        return self.comparison.candidate.name


def judge_waivers(
    run: Run, policies: Mapping[str, Policy], everyone: Sequence[Told], one: Told | None
) -> tuple[Finding, ...]:
    """What is to be said of the waivers beside the findings of `one` of the candidates, `everyone` being all of them.

    A waiver that any of them needs is needed. None stands for a candidate that was not compared.
    """
    found: list[Finding] = []
    for suite in run.plan.suites:
        file, today, policy = suite.waivers, date_of(run.plan.created_at), policies.get(suite.name)
        if file is None:
            continue
        if file.faults or today is None:
            undated = f"the plan's date {run.plan.created_at!r} is no day, so nobody knows which waivers hold"
            message = f"{file.source}: {named(file.faults)}" if file.faults else undated
            found.append(_finding(suite, Answer.ERROR, Reason.WAIVER_FAULTS, message))
            continue
        for waiver in file.waivers:
            defects = [*_defects(waiver, today), *_unknown(run, suite, policy, waiver)]
            found += [_finding(suite, Answer.FAIL, reason, message, waiver) for reason, message in defects]
            if not defects and policy is not None and one is not None and not one.comparison.identical:
                found.append(_standing(_Asked(run, suite, policy, waiver, today), everyone, one))
    return tuple(found)


def uses(run: Run, everyone: Sequence[Told]) -> tuple[WaiverUse, ...]:
    """Every waiver of the plan, and what it let through."""
    today = date_of(run.plan.created_at)
    if today is None:
        return ()
    return tuple(
        WaiverUse(
            suite.name,
            waiver,
            waiver.days_left(today),
            tuple((one.name, what) for one in everyone for what in _covered(suite, waiver, one)),
        )
        for suite in run.plan.suites
        if suite.waivers is not None
        for waiver in suite.waivers.waivers
    )


def _defects(waiver: Waiver, today: date) -> Iterator[tuple[Reason, str]]:
    days = waiver.days_left(today)
    if days < 0:
        message = (
            f"{waiver.id} expired on {waiver.expires.isoformat()}, {-days} days before this run: it covers nothing"
        )
        yield Reason.WAIVER_EXPIRED, message
    if not waiver.owner:
        yield Reason.WAIVER_OWNERLESS, f"{waiver.id} has no owner: nobody answers for it, so it covers nothing"
    if not waiver.reason:
        yield Reason.WAIVER_REASONLESS, f"{waiver.id} gives no reason, so it covers nothing"


def _unknown(run: Run, suite: SuitePlan, policy: Policy | None, waiver: Waiver) -> Iterator[tuple[Reason, str]]:
    scope = waiver.scope
    known = {case.name for case in suite.cases} | suite.test_severities.keys()
    strange = [name for name in scope.cases if name not in known]
    if run.plan.narrowed:  # then it may be that the tests were not looked at
        strange = [name for name in strange if TEST_SIGN not in name]
    if strange:
        yield Reason.WAIVER_UNKNOWN, f"{waiver.id} names what the suite {suite.name} does not have: {named(strange)}"
    if scope.rule and policy is not None and _is_own(suite, policy) and not _has(policy, scope.rule, scope.slice):
        what = f"the rule {scope.rule}" + ("" if scope.slice is None else f" in slice {scope.slice}")
        yield Reason.WAIVER_UNKNOWN, f"{waiver.id} names {what}, which the policy of suite {suite.name} does not have"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One waiver that is in order, and the suite and policy it stands beside."""

    run: Run
    suite: SuitePlan
    policy: Policy
    waiver: Waiver
    today: date


def _standing(asked: _Asked, everyone: Sequence[Told], one: Told) -> Finding:
    """Used, not enough, not needed here, undecided, or, when all of it was looked at, unused."""
    waiver, suite = asked.waiver, asked.suite
    if covered := _covered(suite, waiver, one):
        days = f"{waiver.days_left(asked.today)} days left"
        message = f"{waiver}, {days}, covers {named(covered)}: {waiver.reason}"
        return _finding(suite, Answer.PASS, Reason.WAIVER_USED, message, waiver, len(covered))
    about = {told.name: told for told in everyone if waiver.scope.admits(told.name) and not told.comparison.identical}
    if one.name in about and (beyond := _beyond(suite, waiver, one)):
        message = f"{waiver} does not cover what failed: {beyond}"
        return _finding(suite, Answer.FAIL, Reason.WAIVER_NOT_ENOUGH, message, waiver)
    if why := _not_needed(asked, everyone, one):
        return _finding(suite, Answer.PASS, Reason.WAIVER_NOT_NEEDED, f"{waiver} {why}", waiver)
    if not all(told.whole and not _is_open(suite, waiver, told) for told in about.values()):
        message = f"{waiver} was not needed so far; not everything ran or was decided, so it may be"
        return _finding(suite, Answer.INCONCLUSIVE, Reason.WAIVER_UNDECIDED, message, waiver)
    message = f"{waiver} covers nothing that failed: remove it ({waiver.scope})"
    return _finding(suite, Answer.FAIL, Reason.WAIVER_UNUSED, message, waiver)


def _not_needed(asked: _Asked, everyone: Sequence[Told], one: Told) -> str:
    """Why nothing speaks against a waiver that `one` makes no use of; '' where there is no such reason."""
    waiver, suite, scope = asked.waiver, asked.suite, asked.waiver.scope
    if not scope.admits(one.name):
        return f"was granted to {named(scope.candidates)} and is not applied here"
    if users := [told.name for told in everyone if _covered(suite, waiver, told)]:
        return f"is needed by {named(users)} and not by this candidate"
    if not _is_own(suite, asked.policy):
        return "is not needed under this policy, which is not the one that it stands beside"
    if scope.rule and PlannedRule(scope.rule, scope.slice) not in planned_rules(asked.policy, _alone(asked.run)):
        return "is about a rule that a run like this one does not apply"
    if scope.cases and not _planned(asked.run, suite).intersection(scope.cases):
        return f"is about tests that were left out of this run: {named(scope.cases)}"
    return ""


def _covered(suite: SuitePlan, waiver: Waiver, told: Told) -> list[str]:
    """What it let through, in words."""
    through = [found for found in told.findings if found.suite == suite.name and waiver.id in found.waivers]
    if not through:
        return []
    if waiver.scope.rule:
        return [found.rule + ("" if found.slice is None else f" · {found.slice}") for found in through]
    return [
        case.case
        for case in told.comparison.cases
        if case.suite == suite.name and case.case in waiver.scope.cases and not has_crashed(case)
        if case.candidate is not None and case.candidate.outcome is ItemOutcome.FAILED
    ]


def _beyond(suite: SuitePlan, waiver: Waiver, told: Told) -> str:
    """What failed in its scope all the same; '' when nothing did."""
    crashed = [
        f"{case.case} crashed"
        for case in told.comparison.cases
        if case.suite == suite.name and case.case in waiver.scope.cases and has_crashed(case)
    ]
    failed = [found.message for found in _about(suite, waiver, told) if blocks(found)]
    return "; ".join((*crashed, *failed))


def _is_open(suite: SuitePlan, waiver: Waiver, told: Told) -> bool:
    about = _about(suite, waiver, told)
    return any(found.verdict is Answer.INCONCLUSIVE and found.action is Action.BLOCK for found in about)


def _about(suite: SuitePlan, waiver: Waiver, told: Told) -> list[Finding]:
    return [found for found in told.findings if found.suite == suite.name and is_about(waiver.scope, found)]


def _has(policy: Policy, rule: str, slice_name: str | None) -> bool:
    wanted = PlannedRule(rule, slice_name)
    return any(wanted in planned_rules(policy, alone) for alone in (False, True))


def _is_own(suite: SuitePlan, policy: Policy) -> bool:
    """False for a policy that an old run is asked about, and that the waivers were not written for."""
    return suite.policy is None or policy_from_data(suite.policy) == policy


def _planned(run: Run, suite: SuitePlan) -> set[str]:
    return {item.case for item in run.plan.items if item.suite == suite.name}


def _alone(run: Run) -> bool:
    return run.plan.baseline is None


def _finding(
    suite: SuitePlan, answer: Answer, reason: Reason, message: str, waiver: Waiver | None = None, n: int | None = None
) -> Finding:
    ids = () if waiver is None else (waiver.id,)
    return Finding(RULE, answer, reason.value, message, suite=suite.name, n=n, waivers=ids)
