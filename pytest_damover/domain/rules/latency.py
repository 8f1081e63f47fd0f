"""Rule `latency`: the candidate takes at most `max_ratio` times the baseline's time an image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_damover.domain.comparison import LatencyComparison
from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.policy import LatencyRule
from pytest_damover.domain.rules.intervals import (
    REASONS,
    at_most,
    detectable,
    is_number,
    needed_to_decide,
    number_or_none,
    numbers_or_none,
)
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.verdict import Answer, Finding

WORDS = {
    Answer.PASS: "stays within it",
    Answer.FAIL: "violates it",
    Answer.INCONCLUSIVE: "does not decide",
}


def judge_latency(judged: JudgedSuite) -> tuple[Finding, ...]:
    """The interval of the median ratio against the limit; nothing without a baseline.

    A race that failed is FAIL, also where the policy has no limit for it.
    """
    rule = judged.policy.latency
    if judged.alone:
        return ()
    return (*_failed_races(judged), *(() if rule is None else _judge_races(judged, rule)))


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
    return tuple(_judge_race(draft, rule, latency) for latency in judged.latencies) or (draft,)


def _judge_race(draft: Finding, rule: LatencyRule, latency: LatencyComparison) -> Finding:
    draft = replace(
        draft,
        value=number_or_none(latency.ratio),
        baseline=number_or_none(latency.baseline_ms),
        candidate=number_or_none(latency.candidate_ms),
        interval=numbers_or_none(latency.interval),
        n=len(latency.pairs_ns),
        detectable=detectable(numbers_or_none(latency.interval), number_or_none(rule.confidence)),
    )
    if not (is_number(latency.ratio) and latency.ratio > 0):
        message = "a time is missing or is not a positive finite number"
        return replace(draft, verdict=Answer.FAIL, reason=Reason.NOT_FINITE.value, message=message)
    pairs, interval = len(latency.pairs_ns), latency.interval
    if interval is None or not pairs >= rule.pairs:
        message = f"{pairs} pairs of times were taken, at least {rule.pairs} are needed"
        return replace(draft, reason=Reason.TOO_FEW_PAIRS.value, message=message)
    answer = at_most(interval, rule.max_ratio)
    finite = draft.interval is not None and is_number(rule.max_ratio)
    reason = REASONS[answer] if finite else Reason.NOT_FINITE
    message = (
        f"the candidate takes {latency.ratio:.3f} times the baseline's time ({latency.baseline_ms:.2f} ms to "
        f"{latency.candidate_ms:.2f} ms an image), interval [{interval[0]:.3f}, {interval[1]:.3f}], "
        f"limit {rule.max_ratio:.3f}: the interval {WORDS[answer]}"
    )
    if answer is Answer.INCONCLUSIVE:
        needed = needed_to_decide(-latency.ratio, (-interval[1], -interval[0]), -rule.max_ratio, pairs)
        message += "" if needed is None else f"; about {needed} pairs would, if the ratio stays"
    return replace(draft, verdict=answer, reason=reason.value, message=message)
