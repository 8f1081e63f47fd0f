"""Rules `memory`, `size`, `parameters`, `cold_start`: what it costs beside its time, as a ratio and on its own.

Memory and loading are measured in the race, where both sides do the same; the size is that of the planned files, and
parameters are counted by whoever loads a revision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.policy import Policy
from pytest_damover.domain.policy_costs import DEFAULT_CONFIDENCE, CostRule
from pytest_damover.domain.rules.intervals import REASONS, Interval, at_most
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.timing.latency import race
from pytest_damover.domain.timing.percentiles import percentile
from pytest_damover.domain.verdict import Answer, Finding

UNITS = {"memory": "mb", "size": "mb", "parameters": "millions", "cold_start": "ms"}
WITHOUT_RACE = ("size", "parameters")
_PER_UNIT = 1e6  # bytes to megabytes, nanoseconds to milliseconds, parameters to millions


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured of one cost, in the unit of its limits; an interval where chance has a part in it.

    None where it was not measured; `n` is how many measurements of each side it rests on.
    """

    n: int = 0
    baseline: float | None = None
    candidate: float | None = None
    ratio: float | None = None
    ratio_interval: Interval | None = None
    interval: Interval | None = None


def judge_costs(judged: JudgedSuite) -> tuple[Finding, ...]:
    """The limits on what the candidate costs; without a baseline only those that need no race."""
    policy, measured = judged.policy, _measured(judged)
    return tuple(
        _judge(judged, name, limit, measured[name.partition(".")[0]]) for name, limit in costs_of(policy, judged.alone)
    )


def costs_of(policy: Policy, alone: bool) -> Iterator[tuple[str, float]]:
    """The names of a policy's limits on costs, each with its limit; alone those that need no race and no baseline."""
    for name, rule in policy.costs.items():
        if rule.max_ratio is not None and not alone:
            yield name, rule.max_ratio
        if rule.most is not None and not (alone and name not in WITHOUT_RACE):
            yield f"{name}.{UNITS[name]}", rule.most


def _measured(judged: JudgedSuite) -> dict[str, Cost]:
    ends = [end for end in judged.races if end.race is not None and end.outcome is ItemOutcome.PASSED]
    rule = judged.policy.costs.get("cold_start")
    return {
        "memory": _memory(ends[-1]) if ends else Cost(),
        "size": _size(judged),
        "parameters": _parameters(judged),
        "cold_start": Cost() if rule is None or not ends else _cold_start(ends[-1], rule),
    }


def _memory(end: Finished) -> Cost:
    """Peak memory in the last heat: on the GPU where the models run there, else resident."""
    assert end.race is not None
    before, after = end.race.gpu_peak_bytes if end.device.startswith("cuda") else end.race.peak_bytes
    return _exact(before, after)


def _size(judged: JudgedSuite) -> Cost:
    baseline = judged.comparison.baseline
    return _exact(None if baseline is None else baseline.size_bytes, judged.comparison.candidate.size_bytes)


def _parameters(judged: JudgedSuite) -> Cost:
    """As told when each was loaded; of several numbers the worse: the baseline's least, the candidate's largest."""
    sides = (judged.comparison.baseline, judged.comparison.candidate)
    told = [_told(judged, None if side is None else side.name) for side in sides]
    return _exact(min(told[0], default=None), max(told[1], default=None))


def _told(judged: JudgedSuite, revision: str | None) -> list[int]:
    counts = [facts.get("parameters") for name, facts in judged.run.journal.loads if name == revision]
    return [count for count in counts if type(count) is int and count > 0]


def _exact(before: int | None, after: int | None) -> Cost:
    if after is None:
        return Cost()
    ratio = after / before if before else None
    baseline = None if before is None else before / _PER_UNIT
    return Cost(1, baseline, after / _PER_UNIT, ratio)


def _cold_start(end: Finished, rule: CostRule) -> Cost:
    """Loading, from its pairs as a race's: medians, the ratio and its interval, the interval of the candidate's."""
    assert end.race is not None
    alpha = 1 - DEFAULT_CONFIDENCE
    try:
        raced = race(end.race.loads_ns, alpha)
    except ValueError:
        return Cost()
    if raced.interval is None or len(raced.pairs_ns) < rule.loads:
        return Cost(len(raced.pairs_ns))
    own = percentile([after / _PER_UNIT for _, after in raced.pairs_ns], 0.5, alpha)
    return Cost(len(raced.pairs_ns), raced.baseline_ms, raced.candidate_ms, raced.ratio, raced.interval, own.interval)


def _judge(judged: JudgedSuite, name: str, limit: float, cost: Cost) -> Finding:
    family, _, unit = name.partition(".")
    value, interval = (cost.candidate, cost.interval) if unit else (cost.ratio, cost.ratio_interval)
    verdict, reason = Answer.INCONCLUSIVE, Reason.COST_MISSING
    message = f"the policy limits {name} and it was not measured, or not often enough"
    if value is not None:
        verdict = at_most(interval or (value, value), limit)
        reason = REASONS[verdict]
        told = f"{value:.3f} {unit}" if unit else f"{value:.3f} times the baseline's"
        between = "" if interval is None else f", interval [{interval[0]:.3f}, {interval[1]:.3f}]"
        message = f"the candidate's {family.replace('_', ' ')} is {told}{between}, limit {limit:.3f}"
    return Finding(
        rule=name,
        verdict=verdict,
        reason=reason.value,
        message=message,
        suite=judged.suite.name,
        value=value,
        baseline=None if unit else cost.baseline,
        candidate=None if unit else cost.candidate,
        limit=limit,
        interval=interval,
        confidence=None if interval is None else DEFAULT_CONFIDENCE,
        n=cost.n,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name),
    )
