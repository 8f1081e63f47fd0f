"""What a policy will ask, known before anything runs: every rule with its slice must leave a finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.flip_limits import flip_limits
from pytest_damover.domain.policy import ApRule, Policy, policy_digest
from pytest_damover.domain.rules.costs import costs_of
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.latency import rules_of
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.throughput import rules_of as throughput_rules
from pytest_damover.domain.run import PlannedRule
from pytest_damover.domain.verdict import Answer, Finding


def planned_rules(policy: Policy, alone: bool) -> tuple[PlannedRule, ...]:
    """Every rule of `policy`; `alone` without a baseline, so that only the absolute ones apply."""
    return tuple(dict.fromkeys(_rules(policy.in_force(alone), alone)))


def judge_applied(judged: JudgedSuite, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """ERROR when a rule left no finding, of those that the policy has and, if it is the plan's own, the plan lists."""
    policy, suite = judged.policy, judged.suite
    bound = suite.rules if policy_digest(policy) == suite.policy_digest else ()
    wanted = dict.fromkeys((*planned_rules(policy, judged.alone), *bound))
    found = {PlannedRule(finding.rule, finding.slice, finding.label) for finding in findings}
    missing = [_told(rule) for rule in wanted if rule not in found]
    if not missing:
        return ()
    message = f"{len(missing)} rules of suite {suite.name} were not applied: {named(missing)}"
    reason = Reason.RULE_NOT_APPLIED.value
    return (Finding("policy", Answer.ERROR, reason, message, suite=suite.name, n=len(missing)),)


def _rules(policy: Policy, alone: bool) -> Iterator[PlannedRule]:
    for what in ("cases", "images", "objects"):
        yield PlannedRule(f"evidence.{what}")
    if policy.evidence.device is not None:
        yield PlannedRule("evidence.device")
    if not alone:
        yield from (PlannedRule(f"regressions.{severity.value}") for severity in Severity)
    yield from (PlannedRule(f"failures.{severity.value}") for severity in Severity if severity in policy.failures)
    for metric, rule in policy.aps.items():
        yield from _ap_rules(metric, rule, alone)
    for metric, operating in policy.operating.items():
        if operating.margin is not None and not alone:
            yield PlannedRule(metric)
        if operating.minimum is not None:
            yield PlannedRule(f"{metric}.minimum")
    if policy.latency is not None and not alone:
        yield from map(PlannedRule, (*rules_of(policy.latency), *throughput_rules(policy.throughput)))
    yield from (PlannedRule(name) for name, _ in costs_of(policy, alone))
    if policy.discovery is not None and not alone:
        yield PlannedRule("discovery")
    if policy.flips is not None and not alone:
        yield from flip_limits(policy.flips)


def _told(rule: PlannedRule) -> str:
    label = "" if rule.label is None else f" for label {rule.label}"
    return rule.rule + label + (f" in slice {rule.slice}" if rule.slice else "")


def _ap_rules(metric: str, rule: ApRule, alone: bool) -> Iterator[PlannedRule]:
    if not alone:
        if rule.margin is not None:
            yield PlannedRule(metric)
        if rule.relative_margin is not None:
            yield PlannedRule(f"{metric}.relative")
        yield from (PlannedRule(metric, name) for name in rule.slices)
    if rule.minimum is not None:
        yield PlannedRule(f"{metric}.minimum")
