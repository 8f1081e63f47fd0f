"""Rules `latency`, `latency.p50`, `.p90`, `.p99`: the candidate's time an image, beside the baseline's and alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_damover.domain.comparing.comparison import LatencyComparison
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.policy_costs import LatencyRule
from pytest_damover.domain.rules.intervals import (
    Interval,
    at_most,
    detectable,
    is_number,
    number_or_none,
    numbers_or_none,
)
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.losses import losses
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.rules.timed import SHARED, within_most
from pytest_damover.domain.timing.latency import Race, race_under
from pytest_damover.domain.timing.looks import looks_of
from pytest_damover.domain.timing.percentiles import floor_of
from pytest_damover.domain.verdict import Answer, Finding


def judge_latency(judged: JudgedSuite) -> tuple[Finding, ...]:
    """The intervals of the race against the limits; nothing without a baseline.

    A race that failed is FAIL, also where the policy has no limit for it.
    """
    rule = judged.policy.latency
    if judged.alone:
        return ()
    return (*_failed_races(judged), *(() if rule is None else _judge_races(judged, rule)))


def rules_of(rule: LatencyRule) -> tuple[str, ...]:
    """The names of the limits that a policy sets on times."""
    return (*(() if rule.max_ratio is None else ("latency",)), *(_name(share) for share, _ in rule.limits_ms))


def is_decided(rule: LatencyRule, pairs_ns: Sequence[tuple[float, float]]) -> bool:
    """Would more pairs change nothing? True when every limit is kept, or one is broken, by its whole interval."""
    measured = _measured(rule, race_under(rule, pairs_ns))
    answers = {Answer.INCONCLUSIVE if one.interval is None else at_most(one.interval, one.limit) for one in measured}
    return Answer.FAIL in answers or Answer.INCONCLUSIVE not in answers


@dataclass(frozen=True, slots=True)
class _Measured:
    """One limit and what was measured against it; `said` is the value in words, `least` the pairs that it takes."""

    rule: str
    limit: float
    value: float | None
    interval: Interval | None
    said: str
    least: int


def _measured(rule: LatencyRule, raced: Race | LatencyComparison) -> Iterator[_Measured]:
    least = looks_of(rule)[0].pairs
    if rule.max_ratio is not None:
        said = (
            f"the candidate takes {raced.ratio:.3f} times the baseline's time "
            f"({raced.baseline_ms:.2f} ms to {raced.candidate_ms:.2f} ms an image)"
        )
        yield _Measured("latency", rule.max_ratio, raced.ratio, raced.interval, said, least)
    known = {one.share: one for one in raced.percentiles}
    for share, limit in rule.limits_ms:
        one = known.get(share)
        value, interval = (None, None) if one is None else (one.value_ms, one.interval)
        said = f"{share:.0%} of the candidate's times lie at {value or math.nan:.2f} ms or below"
        yield _Measured(_name(share), limit, value, interval, said, max(least, floor_of(share)))


def _name(share: float) -> str:
    return f"latency.p{share * 100:.0f}"


def _failed_races(judged: JudgedSuite) -> Iterator[Finding]:
    for end in judged.races:
        if end.outcome is ItemOutcome.FAILED:
            message = f"{end.item} failed: {end.reason or 'no reason given'}"
            yield Finding("latency", Answer.FAIL, Reason.LATENCY_FAILED.value, message, suite=judged.suite.name)


def _judge_races(judged: JudgedSuite, rule: LatencyRule) -> tuple[Finding, ...]:
    draft = Finding(
        rule="latency",
        verdict=Answer.INCONCLUSIVE,
        reason=Reason.LATENCY_MISSING.value,
        message="the policy has a latency rule and no latency was measured",
        suite=judged.suite.name,
        limit=number_or_none(rule.max_ratio),
        confidence=number_or_none(rule.confidence),
        n=0,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name),
    )
    others = max((end.race.others or 0 for end in judged.races if end.race is not None), default=0)
    if others:
        draft = replace(draft, reason=Reason.GPU_SHARED.value, n=None, message=f"{others} {SHARED}")
    races = () if others else judged.latencies
    lost = losses(judged.races)
    found = [_judge(draft, rule, race, one, lost) for race in races for one in _measured(rule, race)]
    limits = dict(rule.limits_ms)
    missing = [replace(draft, rule=_name(share), limit=number_or_none(limit)) for share, limit in limits.items()]
    return tuple(found) or (*(() if rule.max_ratio is None else (draft,)), *missing)


def _judge(draft: Finding, rule: LatencyRule, race: LatencyComparison, one: _Measured, lost: str) -> Finding:
    interval, pairs = one.interval, len(race.pairs_ns)
    draft = replace(
        draft,
        rule=one.rule,
        limit=number_or_none(one.limit),
        value=number_or_none(one.value),
        baseline=number_or_none(race.baseline_ms) if one.rule == "latency" else None,
        candidate=number_or_none(race.candidate_ms) if one.rule == "latency" else None,
        interval=numbers_or_none(interval),
        n=pairs,
        detectable=detectable(numbers_or_none(interval), number_or_none(rule.confidence)),
    )
    if not (is_number(race.ratio) and race.ratio > 0):
        message = "a time is missing or is not a positive finite number"
        return replace(draft, verdict=Answer.FAIL, reason=Reason.NOT_FINITE.value, message=message)
    if interval is None or one.value is None or not pairs >= one.least:
        message = f"{pairs} pairs of times were taken, at least {one.least} are needed{lost}"
        return replace(draft, reason=Reason.TOO_FEW_PAIRS.value, message=message)
    return within_most(draft, one.said, one.value, interval, one.limit)
