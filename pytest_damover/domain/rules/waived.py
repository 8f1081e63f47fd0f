"""What waivers let through: cases that they name, and values over a limit in the rule and slice that they name.

Nothing else: what is missing, undecided, not a number, crashed, or no rule of the policy, no waiver covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_damover.domain.comparing.comparison import CaseComparison
from pytest_damover.domain.rules.judged import JudgedSuite, Rule
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.verdict import Action, Answer, Finding
from pytest_damover.domain.waiver import Scope, Waiver

Covered = tuple[tuple[Waiver, tuple[str, ...]], ...]
"""By waiver, the names of the cases and tests that it covers."""


def judge_by(judged: JudgedSuite, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """What `rules` find in a suite, with the waivers that hold for the candidate."""
    waivers = judged.waivers
    return tuple(let_through(found, waivers) for found in judged.findings(rules))


def let_through(found: Finding, waivers: Sequence[Waiver]) -> Finding:
    """The finding, PASS where a waiver covers it: its numbers stay, and it says who waived it and until when."""
    covering = [one for one in waivers if is_about(one.scope, found) and _reaches(one.scope, found)]
    if not blocks(found) or found.reason != Reason.OVER_LIMIT.value or not covering:
        return found
    return replace(
        found,
        verdict=Answer.PASS,
        reason=Reason.WAIVED.value,
        message=f"{found.message}; waived by {', '.join(map(str, covering))}",
        waivers=tuple(dict.fromkeys((*found.waivers, *(one.id for one in covering)))),
    )


def set_aside(waivers: Iterable[Waiver], wrong: Sequence[CaseComparison]) -> tuple[list[CaseComparison], Covered]:
    """Of cases that went wrong, those that count, and those that waivers cover; a crash is covered by none."""
    names = [(one, frozenset(one.scope.cases)) for one in waivers if one.scope.cases]
    excusable = [case.case for case in wrong if not has_crashed(case)]
    covered = tuple((one, of) for one, scope in names if (of := tuple(name for name in excusable if name in scope)))
    gone = {name for _, of in covered for name in of}
    return [case for case in wrong if case.case not in gone], covered


def told(covered: Covered) -> str:
    """The end of a sentence: what is not counted, and by which waiver; '' when nothing is covered."""
    parts = [f"{', '.join(names)}, waived by {one}" for one, names in covered]
    return f"; not counted: {'; '.join(parts)}" if parts else ""


def has_crashed(case: CaseComparison) -> bool:
    """True when the candidate crashed in the case."""
    return case.candidate is not None and case.candidate.crashed


def blocks(found: Finding) -> bool:
    """True when the finding stops the candidate: what only warns needs no waiver."""
    return found.verdict is Answer.FAIL and found.action is Action.BLOCK


def is_about(scope: Scope, found: Finding) -> bool:
    """True when the scope names the finding's rule and slice; of a limit on one label only cases can be waived."""
    return bool(scope.rule) and (scope.rule, scope.slice, None) == (found.rule, found.slice, found.label)


def _reaches(scope: Scope, found: Finding) -> bool:
    """True when all of what was measured lies on this side of the scope's bound.

    Which side that is follows from where a value that breaks the limit lies: of AP50 under it, of counts over it.
    """
    if scope.worst is None:
        return True
    if found.value is None or found.limit is None:
        return False
    low, high = found.interval or (found.value, found.value)
    if found.value < found.limit:
        return low >= scope.worst
    return found.value > found.limit and high <= scope.worst
