"""The limits on flips by the name of their finding, and which of them an object falls under."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from functools import lru_cache

from pytest_damover.domain.case import Case, Severity
from pytest_damover.domain.policy import FlipsRule
from pytest_damover.domain.run import PlannedRule

NEW_SPURIOUS = PlannedRule("flips.new_spurious")


def flip_limits(rule: FlipsRule) -> dict[PlannedRule, int]:
    """Every limit of the rule."""
    return {
        **{PlannedRule(f"flips.{severity.value}"): limit for severity, limit in rule.severities.items()},
        **{PlannedRule("flips.labels", label=label): limit for label, limit in rule.labels.items()},
        **{PlannedRule("flips.slices", name): limit for name, limit in rule.slices.items()},
        **({} if rule.new_spurious is None else {NEW_SPURIOUS: rule.new_spurious}),
    }


@lru_cache(maxsize=1024)
def limits_on(severity: Severity, slices: tuple[str, ...], label: str) -> frozenset[PlannedRule]:
    """The limits that count an object of that label in a case of that severity and those slices."""
    named = (PlannedRule("flips.slices", name) for name in slices)
    return frozenset((PlannedRule(f"flips.{severity.value}"), PlannedRule("flips.labels", label=label), *named))


def limits_left(rule: FlipsRule | None, cases: Iterable[Case], slices: Container[str]) -> FlipsRule | None:
    """The rule for `cases` and `slices` alone: limits on labels and slices that nothing is left of would FAIL."""
    if rule is None:
        return None
    labels = {truth.label for case in cases for truth in case.expected.expected_boxes or () if truth.counts}
    return replace(
        rule,
        labels={label: limit for label, limit in rule.labels.items() if label in labels},
        slices={name: limit for name, limit in rule.slices.items() if name in slices},
    )
