"""Rule `goldens`: what was held to a golden was compared with one; a drift is a failure of its case or test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.golden_result import GoldenOutcome, GoldenResult
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.run import DETECT, NO_REVISION, PlanItem, Run
from pytest_damover.domain.verdict import Answer, Finding

RULE = "goldens"

Held = tuple[PlanItem, GoldenResult]


def judge_goldens(run: Run, comparison: Comparison) -> tuple[Finding, ...]:
    """INCONCLUSIVE for goldens that are missing and for those that were written; nothing where none was asked for."""
    if comparison.identical:
        return ()
    held = goldens_held(run, comparison)
    missing = [item.key for item, result in held if result.outcome is GoldenOutcome.MISSING]
    missing += [item.key for item in _never_held(run, comparison)]
    written = [result.file for _, result in held if result.outcome is GoldenOutcome.WRITTEN]
    found = []
    if missing:
        message = f"{len(missing)} of {len(held) or len(missing)} comparisons lack their golden: {named(missing)}"
        found.append(_finding(Answer.INCONCLUSIVE, Reason.GOLDEN_MISSING, message, len(missing)))
    if written:
        message = f"{len(written)} goldens were written, and compared with nothing: {named(dict.fromkeys(written))}"
        found.append(_finding(Answer.INCONCLUSIVE, Reason.GOLDENS_WRITTEN, message, len(written)))
    if held and not found:
        drifted = sum(result.outcome is GoldenOutcome.DRIFT for _, result in held)
        aside = f", {drifted} drifted: they are failures of their cases and tests" if drifted else ", all match"
        found.append(
            _finding(Answer.PASS, Reason.GOLDENS_COMPARED, f"{len(held)} goldens were compared{aside}", len(held))
        )
    return tuple(found)


def goldens_held(run: Run, comparison: Comparison) -> Sequence[Held]:
    """Every comparison with a golden on either side, in the order of the plan."""
    return [
        (item, result)
        for item in _items(run, comparison)
        if item.key in run.finished
        for result in run.finished[item.key].goldens
    ]


def _never_held(run: Run, comparison: Comparison) -> Iterator[PlanItem]:
    """Cases that want a golden, passed, and tell nothing of it."""
    for item in _items(run, comparison):
        case, end = run.cases.get((item.suite, item.case)), run.finished.get(item.key)
        wants = item.probe == DETECT and case is not None and case.golden is not None
        if wants and end is not None and end.outcome is ItemOutcome.PASSED and not end.goldens:
            yield item


def _items(run: Run, comparison: Comparison) -> Sequence[PlanItem]:
    sides = {side.name for side in (comparison.baseline, comparison.candidate) if side is not None} | {NO_REVISION}
    return [item for item in run.plan.items if item.revision in sides]


def _finding(verdict: Answer, reason: Reason, message: str, n: int) -> Finding:
    return Finding(RULE, verdict, reason.value, message, n=n)
