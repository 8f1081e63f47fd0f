import dataclasses
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.comparison import LatencyComparison
from pytest_damover.domain.gate import compare_candidates, judge
from pytest_damover.domain.run import LATENCY, PlanItem
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
    policy = build.policy(latency={"max_ratio": 1.1, "pairs": 8})
    policies = {"phone": dataclasses.replace(policy, latency=dataclasses.replace(policy.latency, max_ratio=limit))}
    run, comparison = compared
    race = LatencyComparison("phone", ((1, 1),) * 8, 1.0, ratio, ratio, interval)
    verdict = judge(run, (dataclasses.replace(comparison, latencies=(race,)),), policies)
    if build.findings(verdict)["latency", None].verdict is PASS:
        assert math.isfinite(ratio)
        assert all(map(math.isfinite, interval))
        assert interval[1] <= limit
    json.loads(verdict.to_text())
