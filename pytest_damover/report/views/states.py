"""What became of a case in the reader's eyes: one state each, also when a single revision is judged alone."""

from __future__ import annotations

from typing import Any

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.comparison import CaseComparison, Change, Comparison
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.report.words import Words

# worst first; the order of lists, matrices and bars
STATES = ("regression", "failed", "incomplete", "known", "fixed", "passed", "kept")
QUIET_STATES = frozenset({"kept", "passed"})
LOUD_STATES = frozenset({"regression", "failed", "incomplete"})
SEVERITIES = tuple(severity.value for severity in Severity)

_BY_CHANGE = {
    Change.KEPT: "kept",
    Change.REGRESSION: "regression",
    Change.FIXED: "fixed",
    Change.KNOWN_FAILURE: "known",
    Change.INCOMPLETE: "incomplete",
}
_ALONE = {ItemOutcome.PASSED: "passed", ItemOutcome.FAILED: "failed", ItemOutcome.ERROR: "failed"}


def state_of(case: CaseComparison, comparison: Comparison) -> str:
    """The case's state: its change, or without a baseline what the revision made of it."""
    if comparison.baseline is not None:
        return _BY_CHANGE[case.change]
    return "incomplete" if case.candidate is None else _ALONE.get(case.candidate.outcome, "incomplete")


def states(comparison: Comparison) -> list[tuple[CaseComparison, str]]:
    """Every case and Python test with its state, worst first, then by severity and name."""
    paired = [(case, state_of(case, comparison)) for case in comparison.cases]
    return sorted(paired, key=lambda pair: (STATES.index(pair[1]), rank(pair[0]), pair[0].suite, pair[0].case))


def rank(case: CaseComparison) -> int:
    """0 for critical, 1 for major, 2 for minor."""
    return SEVERITIES.index(case.severity.value)


def outcome_word(finished: Finished | None, words: Words) -> str:
    """How one side ended, in words."""
    return words("outcome.none") if finished is None else words(f"outcome.{finished.outcome.value}")


def why_failed(finished: Finished | None) -> list[str]:
    """The messages of what was not met, or the reason why there is no result."""
    if finished is None:
        return []
    misses = [f"{miss.kind}: {miss.message}" for miss in finished.failed_expectations]
    return misses or ([finished.reason] if finished.reason else [])


def kind_of_case(case: CaseComparison, state: str, words: Words) -> dict[str, Any]:
    """A case's row without what is its own alone: its name, and why it failed."""
    return {
        "suite": case.suite,
        "severity": words(f"severity.{case.severity.value}"),
        "slices": " · ".join(case.slices),
        "slice_names": case.slices,
        "state": state,
        "word": words(f"state.{state}"),
        "baseline": outcome_word(case.baseline, words),
        "candidate": outcome_word(case.candidate, words),
    }
