"""Rule `plan`: the journal belongs to the plan, and everything that was planned ran, once, to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.damage import TORN
from pytest_damover.domain.journal import FINISHED, Finished, ItemOutcome
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import resume_command
from pytest_damover.domain.run import DETECT, NO_REVISION, PlanItem, Run
from pytest_damover.domain.verdict import Answer, Finding

RULE = "plan"
SHOWN = 3


def judge_plan(run: Run, comparison: Comparison) -> tuple[Finding, ...]:
    """Every fault of the run that touches this candidate or the baseline; one PASS finding when there is none.

    Of an identical candidate nothing is planned, so only faults of the run itself are looked for.
    """
    found = [
        *_records_belong_together(run),
        *_revisions_are_told_apart(run),
        *_items_are_known(run),
        *_cases_are_good(run),
    ]
    if not comparison.identical:
        items = _items_of(run, comparison)
        found += [*_plan_is_whole(run, comparison, items), *_items_ran(run, items)]
        if not found:
            message = f"all {len(items)} planned items ran to an end"
            found.append(_finding(Answer.PASS, Reason.COMPLETE, message, len(items)))
    return tuple(found)


def named(things: Iterable[str]) -> str:
    """The first few, and how many more there are."""
    listed = list(things)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def faults_of_records(run: Run) -> tuple[Finding, ...]:
    """What makes a journal no true account of its plan, whatever is missing from it."""
    found = [*_records_belong_together(run), *_revisions_are_told_apart(run), *_items_are_known(run)]
    return tuple(finding for finding in found if finding.verdict is Answer.ERROR)


def _records_belong_together(run: Run) -> Iterator[Finding]:
    plan, journal = run.plan, run.journal
    if journal.plan_digest != run.plan_digest:
        message = f"the journal was written for plan {journal.plan_digest[:12]}, this plan is {run.plan_digest[:12]}"
        yield _finding(Answer.ERROR, Reason.PLAN_CHANGED, message)
    if journal.run_id != plan.run_id:
        message = f"the journal is of run {journal.run_id!r}, the plan of run {plan.run_id!r}"
        yield _finding(Answer.ERROR, Reason.OTHER_RUN, message)
    killed = journal.damage == (TORN,) and journal.ended is None
    for kind in dict.fromkeys(damage.kind for damage in (() if killed else journal.damage)):
        told = named(damage.text for damage in journal.damage if damage.kind is kind)
        yield _finding(Answer.ERROR, Reason(kind.value), f"the journal is damaged: {told}")
    if journal.ended != FINISHED:
        how = "there is no end record" if journal.ended is None else f"it ended as {journal.ended!r}"
        message = f"interrupted, {len(run.finished)} of {len(plan.items)} planned items ended; {how}"
        finding = _finding(Answer.INCONCLUSIVE, Reason.INTERRUPTED, message, len(run.finished))
        yield replace(finding, rerun=resume_command(run))


def _revisions_are_told_apart(run: Run) -> Iterator[Finding]:
    digests: dict[str, set[str]] = {}
    for revision in run.plan.revisions:
        digests.setdefault(revision.name, set()).add(revision.digest)
    ambiguous = [name for name, known in digests.items() if len(known) > 1]
    if ambiguous:
        message = f"one name stands for several revisions: {named(ambiguous)}"
        yield _finding(Answer.ERROR, Reason.AMBIGUOUS_REVISIONS, message)


def _items_are_known(run: Run) -> Iterator[Finding]:
    planned = Counter(item.key for item in run.plan.items)
    started = Counter(run.journal.started)
    ended = Counter(finished.item for finished in run.journal.finished)
    suites = {suite.name for suite in run.plan.suites}
    repeated = [key for counts in (planned, started, ended) for key, times in counts.items() if times > 1]
    checks = (
        (Reason.DUPLICATE_ITEMS, "planned, started or ended more than once", list(dict.fromkeys(repeated))),
        (Reason.UNPLANNED_ITEMS, "ran without being planned", [key for key in started | ended if key not in planned]),
        (
            Reason.UNKNOWN_SUITE,
            "belong to no suite of the plan",
            [i.key for i in run.plan.items if i.suite not in suites],
        ),
        (Reason.NEVER_STARTED, "ended without having started", [key for key in ended if key not in started]),
    )
    for reason, what, keys in checks:
        if keys:
            yield _finding(Answer.ERROR, reason, f"{len(keys)} items {what}: {named(keys)}", len(keys))


def _cases_are_good(run: Run) -> Iterator[Finding]:
    for suite in run.plan.suites:
        if suite.broken:
            message = f"{len(suite.broken)} broken cases: {named(suite.broken)}"
            yield _finding(Answer.ERROR, Reason.BROKEN_CASES, message, len(suite.broken), suite.name)


def _plan_is_whole(run: Run, comparison: Comparison, items: Sequence[PlanItem]) -> Iterator[Finding]:
    if run.plan.narrowed:
        yield _finding(Answer.INCONCLUSIVE, Reason.NARROWED, f"not the whole: {named(run.plan.narrowed)}")
    if not items:
        yield _finding(Answer.INCONCLUSIVE, Reason.NOTHING_PLANNED, "nothing was planned")
        return
    detected = {(item.suite, item.case, item.revision) for item in items if item.probe == DETECT}
    sides = [side.name for side in (comparison.baseline, comparison.candidate) if side is not None]
    left_out = [
        f"{suite}/{case}@{side}" for suite, case in run.cases for side in sides if (suite, case, side) not in detected
    ]
    if left_out:
        message = f"{len(left_out)} cases are in the suites and not in the plan: {named(left_out)}"
        yield _finding(Answer.INCONCLUSIVE, Reason.CASES_NOT_PLANNED, message, len(left_out))


def _items_ran(run: Run, items: Sequence[PlanItem]) -> Iterator[Finding]:
    ends = [(item.key, run.finished.get(item.key)) for item in items]
    errors = [end for _, end in ends if end is not None and end.outcome is ItemOutcome.ERROR]
    if errors:
        message = f"{len(errors)} of {len(items)} items ended in an error; {_first(errors)}"
        yield _finding(Answer.ERROR, Reason.ITEM_ERRORS, message, len(errors))
    missing = [key for key, end in ends if end is None]
    if missing:
        started = set(run.journal.started)
        begun = [key for key in missing if key in started]
        crashed = f"; started and never ended: {named(begun)}" if begun else ""
        message = f"{len(missing)} of {len(items)} planned items did not run: {named(missing)}{crashed}"
        yield _finding(Answer.INCONCLUSIVE, Reason.MISSING_ITEMS, message, len(missing))
    skipped = [end for _, end in ends if end is not None and end.outcome is ItemOutcome.SKIPPED]
    if skipped:
        message = f"{len(skipped)} of {len(items)} planned items were skipped; {_first(skipped)}"
        yield _finding(Answer.INCONCLUSIVE, Reason.SKIPPED_ITEMS, message, len(skipped))


def _items_of(run: Run, comparison: Comparison) -> list[PlanItem]:
    sides = {side.name for side in (comparison.baseline, comparison.candidate) if side is not None} | {NO_REVISION}
    return [item for item in run.plan.items if item.revision in sides]


def _first(ends: Sequence[Finished]) -> str:
    return f"first {ends[0].item}: {ends[0].reason or 'no reason given'}"


def _finding(verdict: Answer, reason: Reason, message: str, n: int | None = None, suite: str = "") -> Finding:
    return Finding(RULE, verdict, reason.value, message, suite=suite, n=n)
