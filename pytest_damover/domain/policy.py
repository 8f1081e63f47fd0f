"""The policy: the limits that the gate applies, as `gate.toml` states them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pytest_damover.domain.case import Severity

DEFAULT_CONFIDENCE = 0.95
DEFAULT_RESAMPLES = 2000
DEFAULT_SEED = 20260101
DEFAULT_PAIRS = 24


@dataclass(frozen=True, slots=True)
class Evidence:
    """The least that a run must rest on; less is INCONCLUSIVE. `device` is the kind it must have run on, if any."""

    min_cases: int
    min_images: int
    min_objects: int
    min_slice_images: int
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Ap50Rule:
    """AP at IoU 0.5: the candidate may lose at most `margin` (AP as a fraction), a slice at most its own margin.

    `minimum` is the absolute floor of the candidate's AP50. Intervals: paired bootstrap over images, two-sided at
    `confidence`, `resamples` draws from `seed`.
    """

    margin: float | None
    slices: Mapping[str, float]
    minimum: float | None
    confidence: float
    resamples: int
    seed: int


@dataclass(frozen=True, slots=True)
class LatencyRule:
    """The candidate may take at most `max_ratio` times the baseline's time an image, over `pairs` interleaved pairs."""

    max_ratio: float
    pairs: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Policy:
    """One suite's policy.

    `regressions`: cases that the baseline passes and the candidate fails, allowed by severity; `failures`: cases that
    the candidate fails at all, allowed by severity (a severity not named has no absolute limit).
    """

    evidence: Evidence
    regressions: Mapping[Severity, int]
    failures: Mapping[Severity, int]
    ap50: Ap50Rule | None
    latency: LatencyRule | None


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
        failures={Severity(name): limit for name, limit in data.get("failures", {}).items()},
        ap50=_ap50(data["ap50"]) if "ap50" in data else None,
        latency=_latency(data["latency"]) if "latency" in data else None,
    )


def _ap50(data: Mapping[str, Any]) -> Ap50Rule:
    return Ap50Rule(
        margin=data.get("margin"),
        slices=dict(data.get("slices", {})),
        minimum=data.get("minimum"),
        confidence=data.get("confidence", DEFAULT_CONFIDENCE),
        resamples=data.get("resamples", DEFAULT_RESAMPLES),
        seed=data.get("seed", DEFAULT_SEED),
    )


def _latency(data: Mapping[str, Any]) -> LatencyRule:
    return LatencyRule(
        max_ratio=data["max_ratio"],
        pairs=data.get("pairs", DEFAULT_PAIRS),
        confidence=data.get("confidence", DEFAULT_CONFIDENCE),
    )
