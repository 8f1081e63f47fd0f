"""Rules `throughput.1`, `throughput.8`, …: images a second with so many images in a call, beside the baseline's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.policy_costs import ThroughputRule
from pytest_damover.domain.rules.intervals import detectable, number_or_none, numbers_or_none
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.rules.timed import SHARED, within_least
from pytest_damover.domain.timing.looks import looks_of
from pytest_damover.domain.timing.race_times import RaceTimes
from pytest_damover.domain.timing.throughput import Throughput, throughput
from pytest_damover.domain.verdict import Answer, Finding

FAMILY = "throughput"


def judge_throughput(judged: JudgedSuite) -> tuple[Finding, ...]:
    """The limit at each size of batch; nothing without a baseline, INCONCLUSIVE where a size was not raced."""
    rule = judged.policy.throughput
    if rule is None or judged.alone:
        return ()
    races = [end.race for end in judged.races if end.race is not None and end.outcome is ItemOutcome.PASSED]
    shared = max((race.others or 0 for race in races), default=0)
    times = races[-1].times if races else RaceTimes()
    return tuple(_judge(judged, rule, size, times, shared) for size in rule.batch_sizes)


def rules_of(rule: ThroughputRule | None) -> Iterator[str]:
    """The names of the limits that a policy sets on throughput."""
    if rule is not None:
        yield from (f"{FAMILY}.{size}" for size in rule.batch_sizes)


def _judge(judged: JudgedSuite, rule: ThroughputRule, size: int, times: RaceTimes, shared: int) -> Finding:
    draft = Finding(
        rule=f"{FAMILY}.{size}",
        verdict=Answer.INCONCLUSIVE,
        reason=Reason.COST_MISSING.value,
        message=f"the policy limits throughput and calls with {size} images were not timed",
        suite=judged.suite.name,
        limit=rule.min_ratio,
        confidence=rule.confidence,
        n=0,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name),
    )
    if shared:
        return replace(draft, reason=Reason.GPU_SHARED.value, n=None, message=f"{shared} {SHARED}")
    pairs_ns = next((batch.pairs_ns for batch in times.batches if batch.size == size), None)
    if pairs_ns is None:
        cannot = Reason.CANNOT_BATCH.value
        return replace(draft, reason=cannot, message=times.unbatched) if times.unbatched else draft
    try:
        measured = throughput(size, pairs_ns, rule)
    except ValueError as error:
        return replace(draft, verdict=Answer.FAIL, reason=Reason.NOT_FINITE.value, message=str(error))
    return _decide(draft, rule, measured)


def _decide(draft: Finding, rule: ThroughputRule, one: Throughput) -> Finding:
    interval, least = one.interval, looks_of(rule.race)[0].pairs
    draft = replace(
        draft,
        value=number_or_none(one.ratio),
        baseline=number_or_none(one.baseline),
        candidate=number_or_none(one.candidate),
        interval=numbers_or_none(interval),
        n=one.pairs,
        detectable=detectable(numbers_or_none(interval), number_or_none(rule.confidence)),
    )
    if interval is None or not one.pairs >= least:
        message = f"{one.pairs} pairs of calls with {one.size} images were timed, at least {least} are needed"
        return replace(draft, reason=Reason.TOO_FEW_PAIRS.value, message=message)
    said = (
        f"with {one.size} images in a call the candidate does {one.candidate:.1f} a second, the baseline "
        f"{one.baseline:.1f}: {one.ratio:.3f} times as many"
    )
    return within_least(draft, said, one.ratio, interval, rule.min_ratio)
