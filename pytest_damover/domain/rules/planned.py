"""What a policy will ask, known before anything runs: every rule with its slice must leave a finding."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_damover.domain.case import Severity
from pytest_damover.domain.policy import Ap50Rule, Policy
from pytest_damover.domain.run import PlannedRule


def planned_rules(policy: Policy, alone: bool) -> tuple[PlannedRule, ...]:
    """Every rule of `policy`; `alone` without a baseline, so that only the absolute ones apply."""
    return tuple(dict.fromkeys(_rules(policy, alone)))


def _rules(policy: Policy, alone: bool) -> Iterator[PlannedRule]:
    for what in ("cases", "images", "objects"):
        yield PlannedRule(f"evidence.{what}")
    if policy.evidence.device is not None:
        yield PlannedRule("evidence.device")
    if not alone:
        yield from (PlannedRule(f"regressions.{severity.value}") for severity in Severity)
    yield from (
        PlannedRule(f"failures.{severity.value}") for severity in Severity if alone or severity in policy.failures
    )
    if policy.ap50 is not None:
        yield from _ap50_rules(policy.ap50, alone)
    if policy.latency is not None and not alone:
        yield PlannedRule("latency")


def _ap50_rules(rule: Ap50Rule, alone: bool) -> Iterator[PlannedRule]:
    if not alone:
        if rule.margin is not None:
            yield PlannedRule("ap50")
        yield from (PlannedRule("ap50", name) for name in rule.slices)
    if rule.minimum is not None:
        yield PlannedRule("ap50.minimum")
