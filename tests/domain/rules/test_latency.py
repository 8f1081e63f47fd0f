import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.comparing.comparison import LatencyComparison
from pytest_damover.domain.gate import compare_candidates, judge
from pytest_damover.domain.policy_costs import LatencyRule
from pytest_damover.domain.rules.latency import is_decided
from pytest_damover.domain.run import LATENCY, PlanItem
from pytest_damover.domain.timing.percentiles import Percentile
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.verdict import Answer

PASS, FAIL, INCONCLUSIVE = Answer.PASS, Answer.FAIL, Answer.INCONCLUSIVE


ends = st.none() | st.tuples(st.floats(), st.floats())


def with_latency(build, day_night, changes, pairs=24):
    policies = {"phone": build.policy(latency={"max_ratio": 1.1, "pairs": 24})}
    run = build.run(day_night)
    (comparison,) = compare_candidates(run, policies)
    values = {"baseline_ms": 10.0, "candidate_ms": 10.2, "ratio": 1.02, "interval": (1.0, 1.05), **(changes or {})}
    races = () if changes is None else (LatencyComparison("phone", ((10, 10),) * pairs, **values),)
    return build.findings(judge(run, (dataclasses.replace(comparison, latencies=races),), policies))["latency", None]


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({}, PASS, "within-limit"),
        ({"interval": (1.0, 1.1)}, PASS, "within-limit"),
        ({"interval": (1.0, 1.11)}, INCONCLUSIVE, "undecided"),
        ({"ratio": 1.2, "interval": (1.11, 1.3)}, FAIL, "over-limit"),
        ({"interval": None}, INCONCLUSIVE, "too-few-pairs"),
        (None, INCONCLUSIVE, "latency-missing"),
        ({"ratio": math.nan, "interval": None}, FAIL, "not-finite"),
        ({"ratio": -1.0}, FAIL, "not-finite"),
        ({"interval": (math.nan, 1.0)}, FAIL, "not-finite"),
        ({"interval": (-math.inf, 1.0)}, FAIL, "not-finite"),
    ],
)
def test_latency_reads_the_interval(build, day_night, changes, verdict, reason):
    found = with_latency(build, day_night, changes)
    assert (found.verdict, found.reason) == (verdict, reason)


def test_fewer_pairs_than_the_policy_asks_for(build, day_night):
    assert with_latency(build, day_night, {}, pairs=23).reason == "too-few-pairs"


@pytest.mark.parametrize("latency", [{}, {"latency": {"max_ratio": 1.1}}])
def test_a_race_that_failed_is_a_fail(build, day_night, latency):
    item = PlanItem("phone", LATENCY, LATENCY, "v2")
    more = dataclasses.replace(day_night, items=(*day_night.items, item))
    run = build.run(more, {item.key: build.finished(item, "failed", None, reason="too hot")})
    verdict = build.answer(run, {"phone": build.policy(**latency)})
    assert (FAIL, "latency-failed") in build.reasons(verdict, "latency")


@settings(max_examples=100, deadline=None)
@given(ratio=st.floats(), interval=ends, limit=st.floats())
def test_a_pass_of_latency_rests_on_finite_numbers(build, compared, ratio, interval, limit):
    policy = build.policy(latency={"max_ratio": 1.1, "pairs": 12})
    policies = {"phone": dataclasses.replace(policy, latency=dataclasses.replace(policy.latency, max_ratio=limit))}
    run, comparison = compared
    race = LatencyComparison("phone", ((1, 1),) * 12, 1.0, ratio, ratio, interval)
    verdict = judge(run, (dataclasses.replace(comparison, latencies=(race,)),), policies)
    if build.findings(verdict)["latency", None].verdict is PASS:
        assert math.isfinite(ratio)
        assert all(map(math.isfinite, interval))
        assert interval[1] <= limit
    json.loads(verdict.to_text())


SLOW = Percentile(0.9, 64, 40.0, (35.0, 45.0))


@pytest.mark.parametrize(
    ("limit", "found", "verdict", "reason"),
    [
        (50.0, SLOW, PASS, "within-limit"),
        (45.0, SLOW, PASS, "within-limit"),
        (40.0, SLOW, INCONCLUSIVE, "undecided"),
        (30.0, SLOW, FAIL, "over-limit"),
        (50.0, dataclasses.replace(SLOW, interval=None), INCONCLUSIVE, "too-few-pairs"),
        (50.0, dataclasses.replace(SLOW, value_ms=None, interval=None), INCONCLUSIVE, "too-few-pairs"),
        (50.0, dataclasses.replace(SLOW, interval=(math.nan, 45.0)), FAIL, "not-finite"),
    ],
)
def test_a_percentile_of_the_candidate_has_a_limit_of_its_own(build, day_night, limit, found, verdict, reason):
    policies = {"phone": build.policy(latency={"p90_ms": limit})}
    run = build.run(day_night)
    (comparison,) = compare_candidates(run, policies)
    raced = LatencyComparison("phone", ((10, 10),) * 64, 10.0, 10.0, 1.0, (0.9, 1.1), (found,))
    findings = build.findings(judge(run, (dataclasses.replace(comparison, latencies=(raced,)),), policies))
    assert (findings["latency.p90", None].verdict, findings["latency.p90", None].reason) == (verdict, reason)
    assert ("latency", None) not in findings
    assert ("policy", None) in findings


def test_every_limit_on_times_that_were_not_taken_is_missing(build, day_night):
    policies = {"phone": build.policy(latency={"max_ratio": 1.1, "max_ms": 20, "p90_ms": 30, "p99_ms": 40})}
    findings = build.findings(judge(run := build.run(day_night), compare_candidates(run, policies), policies))
    rules = ("latency", "latency.p50", "latency.p90", "latency.p99")
    assert {findings[rule, None].reason for rule in rules} == {"latency-missing"}


@pytest.mark.parametrize(
    ("slower", "limits", "decided"),
    [
        (1.0, {"max_ratio": 1.1}, True),
        (1.3, {"max_ratio": 1.1}, True),
        (1.1, {"max_ratio": 1.1}, False),
        (1.0, {"max_ratio": 1.1, "max_ms": 10.0}, False),
        (1.0, {"max_ratio": 1.1, "max_ms": 11.0}, True),
        (1.0, {"max_ratio": 1.1, "max_ms": 9.0}, True),
        (1.1, {"max_ratio": 1.1, "max_ms": 9.0}, True),
    ],
)
def test_a_race_goes_on_until_every_limit_is_kept_or_one_is_broken(slower, limits, decided):
    rng = np.random.default_rng(8)
    pairs = (1e7 * rng.lognormal(0, 0.01, (40, 2)) * [1, slower]).tolist()
    rule = LatencyRule(limits.get("max_ratio"), 40, 0.95, max_ms=limits.get("max_ms"))
    assert is_decided(rule, pairs) is decided
    assert is_decided(rule, pairs[:38]) is False


def test_c7_another_compute_process_on_the_gpu_makes_a_race_show_nothing(build, day_night):
    item = PlanItem("phone", LATENCY, LATENCY, "v2")
    plan = dataclasses.replace(day_night, items=(*day_night.items, item))
    pairs = tuple((1000 + turn, 1000 + turn) for turn in range(16))
    policies = {"phone": build.policy(latency={"max_ratio": 1.1, "max_ms": 20, "pairs": 16})}
    for others, expected in (
        (0, (PASS, "within-limit")),
        (None, (PASS, "within-limit")),
        (1, (INCONCLUSIVE, "gpu-shared")),
    ):
        end = build.finished(item, "passed", None, pairs_ns=pairs, race=RaceConditions(2, others=others))
        findings = build.findings(build.answer(build.run(plan, {item.key: end}), policies))
        for rule in ("latency", "latency.p50"):
            assert (findings[rule, None].verdict, findings[rule, None].reason) == expected
