"""The policy: the limits that the gate applies, as `gate.toml` states them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

from pytest_damover.domain.case import Severity
from pytest_damover.domain.policy_costs import (
    DEFAULT_CONFIDENCE,
    DEFAULT_LOADS,
    CostRule,
    LatencyRule,
    ThroughputRule,
    cost_rule,
    latency_rule,
    throughput_rule,
)
from pytest_damover.domain.verdict import Action

DEFAULT_RESAMPLES = 2000
DEFAULT_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Evidence:
    """The least that a run must rest on; less is INCONCLUSIVE. `device` is the kind it must have run on, if any."""

    min_cases: int
    min_images: int
    min_objects: int
    min_slice_images: int
    device: str | None = None


@dataclass(frozen=True, slots=True)
class ApRule:
    """AP: the candidate may lose at most `margin` (AP as a fraction), a slice at most its own margin.

    `relative_margin` is the same as a fraction of the baseline's AP, over the whole suite; `minimum` is the absolute
    floor of the candidate's AP, a fraction of 1. Intervals: paired bootstrap over images, two-sided at `confidence`,
    `resamples` draws from `seed`.
    """

    margin: float | None
    slices: Mapping[str, float]
    minimum: float | None
    confidence: float = DEFAULT_CONFIDENCE
    resamples: int = DEFAULT_RESAMPLES
    seed: int = DEFAULT_SEED
    relative_margin: float | None = None


class At(str, Enum):
    """From which score on a detection counts: each case's own; everything that is reported; what both sides report."""

    CASE = "case"
    NATIVE = "native"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class OperatingRule:
    """Recall or precision at IoU 0.5, `at` an operating point (or from that score on, 0..1).

    The candidate may lose at most `margin` (a fraction), and `minimum` is its absolute floor. Intervals as for AP.
    """

    at: At | float
    margin: float | None
    minimum: float | None
    confidence: float
    resamples: int
    seed: int


@dataclass(frozen=True, slots=True)
class DiscoveryRule:
    """No slice that a search finds may be shown to lose more than `margin` of AP50, as a fraction."""

    margin: float


@dataclass(frozen=True, slots=True)
class FirstRelease:
    """What a revision must reach that has no baseline: cases it may fail by severity, and least values by metric."""

    failures: Mapping[Severity, int]
    minimums: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FlipsRule:
    """How many objects that the baseline finds the candidate may lose: by severity of the case, by label and by slice.

    `new_spurious` is how many boxes without an object it may add. What is not named has no limit.
    """

    severities: Mapping[Severity, int]
    new_spurious: int | None
    labels: Mapping[str, int]
    slices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """One suite's policy.

    `regressions`: cases that the baseline passes and the candidate fails, allowed by severity; `failures`: cases that
    the candidate fails at all, allowed by severity (a severity not named has no absolute limit). `ap50` is AP at IoU
    0.5, `ap` the mean over IoU 0.50 to 0.95 (COCO's AP). `actions` has what a broken rule does where that is not to
    block: by section (`ap50`), or by section and slice (`ap50:night`).
    """

    evidence: Evidence
    regressions: Mapping[Severity, int]
    failures: Mapping[Severity, int]
    ap50: ApRule | None
    latency: LatencyRule | None
    ap: ApRule | None = None
    first_release: FirstRelease | None = None
    actions: Mapping[str, Action] | None = None
    discovery: DiscoveryRule | None = None
    recall: OperatingRule | None = None
    precision: OperatingRule | None = None

    @property
    def operating(self) -> dict[str, OperatingRule]:
        """The rules on recall and precision that the policy has, by metric."""
        pairs = (("recall", self.recall), ("precision", self.precision))
        return {metric: rule for metric, rule in pairs if rule is not None}

    @property
    def aps(self) -> dict[str, ApRule]:
        """The rules on AP that the policy has, by metric."""
        return {metric: rule for metric, rule in (("ap50", self.ap50), ("ap", self.ap)) if rule is not None}

    def in_force(self, alone: bool) -> Policy:
        """What applies: without a baseline a severity that is not named allows no failure, and `first_release` wins."""
        if not alone:
            return self
        first = self.first_release or FirstRelease({}, {})
        return replace(
            self,
            failures={**dict.fromkeys(Severity, 0), **self.failures, **first.failures},
            ap50=_with_minimum(self.ap50, first.minimums.get("ap50")),
            ap=_with_minimum(self.ap, first.minimums.get("ap")),
            recall=_with_floor(self.recall, first.minimums.get("recall")),
            precision=_with_floor(self.precision, first.minimums.get("precision")),
        )

    def action(self, rule: str, slice_name: str | None) -> Action:
        """What it means that `rule` (`ap50.minimum`) is broken: the slice's word, else its section's, else BLOCK."""
        section, actions = rule.partition(".")[0], self.actions or {}
        return actions.get(f"{section}:{slice_name}", actions.get(section, Action.BLOCK))

    flips: FlipsRule | None = None
    memory: CostRule | None = None
    size: CostRule | None = None
    parameters: CostRule | None = None
    cold_start: CostRule | None = None
    throughput: ThroughputRule | None = None

    @property
    def costs(self) -> dict[str, CostRule]:
        """The limits on what a candidate costs beside its time, by what they are on."""
        rules = {name: getattr(self, name) for name in ("memory", "size", "parameters", "cold_start")}
        return {name: rule for name, rule in rules.items() if rule is not None}


def policy_digest(policy: Policy) -> str:
    """SHA-256 in hex of what a policy says, whatever file and form it was written in."""
    return _digest(asdict(policy))


def policies_digest(policies: Mapping[str, Policy]) -> str:
    """SHA-256 in hex of what policies by suite say."""
    return _digest({name: asdict(policy) for name, policy in policies.items()})


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(_said(said), sort_keys=True).encode()).hexdigest()


def _said(value: Any) -> Any:
    """Without what is not said, so that a kind of rule that this policy does not use changes no digest."""
    if not isinstance(value, Mapping):
        return value
    kept = {key: _said(one) for key, one in value.items()}
    return {key: one for key, one in kept.items() if one not in (None, {}, [], ())}


def policy_from_data(data: Mapping[str, Any]) -> Policy:
    """Build a policy from data that the policy schema has accepted; a severity without a limit allows no regression."""
    regressions = data.get("regressions", {})
    return Policy(
        evidence=Evidence(**data["evidence"]),
        regressions={severity: regressions.get(severity.value, 0) for severity in Severity},
        failures=_by_severity(data.get("failures", {})),
        ap50=_ap(data["ap50"]) if "ap50" in data else None,
        latency=latency_rule(data["latency"]) if "latency" in data else None,
        ap=_ap(data["ap"]) if "ap" in data else None,
        first_release=_first_release(data["first_release"]) if "first_release" in data else None,
        actions=_actions(data),
        discovery=DiscoveryRule(data["discovery"]["margin"]) if "discovery" in data else None,
        memory=cost_rule(data["memory"]) if "memory" in data else None,
        size=cost_rule(data["size"]) if "size" in data else None,
        parameters=cost_rule(data["parameters"]) if "parameters" in data else None,
        cold_start=cost_rule(data["cold_start"], DEFAULT_LOADS) if "cold_start" in data else None,
        throughput=throughput_rule(data["throughput"]) if "throughput" in data else None,
        flips=_flips(data["flips"]) if "flips" in data else None,
        recall=_operating(data["recall"]) if "recall" in data else None,
        precision=_operating(data["precision"]) if "precision" in data else None,
    )


def _by_severity(data: Mapping[str, Any]) -> dict[Severity, int]:
    return {severity: data[severity.value] for severity in Severity if severity.value in data}


def _ap(data: Mapping[str, Any]) -> ApRule:
    return ApRule(
        margin=data.get("margin"),
        slices={name: _slice_margin(one) for name, one in data.get("slices", {}).items()},
        minimum=data.get("minimum"),
        confidence=data.get("confidence", DEFAULT_CONFIDENCE),
        resamples=data.get("resamples", DEFAULT_RESAMPLES),
        seed=data.get("seed", DEFAULT_SEED),
        relative_margin=data.get("relative_margin"),
    )


def _slice_margin(said: Any) -> float:
    """A slice's margin stands there as a number, or in a table beside what it means to break it."""
    return float(said["margin"] if isinstance(said, Mapping) else said)


def _with_minimum(rule: ApRule | None, minimum: float | None) -> ApRule | None:
    return rule if minimum is None else replace(rule or _ap({}), minimum=minimum)


def _operating(data: Mapping[str, Any]) -> OperatingRule:
    at = data.get("at", At.CASE.value)
    return OperatingRule(
        at=At(at) if isinstance(at, str) else float(at),
        margin=data.get("margin"),
        minimum=data.get("minimum"),
        confidence=data.get("confidence", DEFAULT_CONFIDENCE),
        resamples=data.get("resamples", DEFAULT_RESAMPLES),
        seed=data.get("seed", DEFAULT_SEED),
    )


def _with_floor(rule: OperatingRule | None, minimum: float | None) -> OperatingRule | None:
    return rule if minimum is None else replace(rule or _operating({}), minimum=minimum)


def _first_release(data: Mapping[str, Any]) -> FirstRelease:
    minimums = {metric: data[metric] for metric in ("ap50", "ap", "recall", "precision") if metric in data}
    return FirstRelease(_by_severity(data.get("failures", {})), minimums)


def _actions(data: Mapping[str, Any]) -> dict[str, Action]:
    actions = {}
    for section, said in data.items():
        if not isinstance(said, Mapping):
            continue
        if "action" in said:
            actions[section] = Action(said["action"])
        for name, one in said.get("slices", {}).items():
            if isinstance(one, Mapping) and "action" in one:
                actions[f"{section}:{name}"] = Action(one["action"])
    return actions


def _flips(data: Mapping[str, Any]) -> FlipsRule:
    return FlipsRule(
        severities=_by_severity(data),
        new_spurious=data.get("new_spurious"),
        labels=dict(data.get("labels", {})),
        slices=dict(data.get("slices", {})),
    )
