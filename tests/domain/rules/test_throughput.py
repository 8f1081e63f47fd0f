import dataclasses

import numpy as np
import pytest

from pytest_damover.domain.policy_costs import ThroughputRule
from pytest_damover.domain.run import LATENCY, PlanItem
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.timing.race_times import BatchPairs, RaceTimes
from pytest_damover.domain.timing.throughput import throughput
from pytest_damover.domain.verdict import Answer

PASS, FAIL, INCONCLUSIVE = Answer.PASS, Answer.FAIL, Answer.INCONCLUSIVE
MS = 1_000_000
RACE = tuple((10 * MS + turn, 10 * MS + 2 * turn) for turn in range(24))


def pairs(ratio, count=24, spread=0.005):
    times = 20 * MS * np.random.default_rng(4).lognormal(0, spread, (count, 2)) * [1, 1 / ratio]
    return tuple((int(before), int(after)) for before, after in times)


def judged(build, day_night, times, sizes=(4,), **conditions):
    item = PlanItem("phone", LATENCY, LATENCY, "v2")
    plan = dataclasses.replace(day_night, items=(*day_night.items, item))
    policies = {
        "phone": build.policy(latency={"max_ratio": 1.1}, throughput={"min_ratio": 0.9, "batch_sizes": list(sizes)})
    }
    told = RaceConditions(2, times=times, **conditions)
    end = build.finished(item, "passed", None, pairs_ns=RACE, race=told)
    findings = build.findings(build.answer(build.run(plan, {item.key: end}), policies))
    return {rule: one for (rule, _), one in findings.items() if rule.startswith("throughput")}


def test_by_hand():
    pairs_ns = tuple((20 * MS + turn, 25 * MS + turn) for turn in range(16))
    one = throughput(4, pairs_ns, ThroughputRule(0.9, (4,), 16, 0.95))
    assert (one.baseline, one.candidate, one.ratio) == pytest.approx((200, 160, 0.8), rel=1e-5)
    assert one.interval[0] <= one.ratio <= one.interval[1]


@pytest.mark.parametrize(
    ("ratio", "spread", "verdict", "reason"),
    [
        (1.0, 0.005, PASS, "within-limit"),
        (2.0, 0.005, PASS, "within-limit"),
        (0.8, 0.005, FAIL, "over-limit"),
        (0.9, 0.05, INCONCLUSIVE, "undecided"),
    ],
)
def test_the_interval_of_the_ratio_is_read_the_right_way_round(build, day_night, ratio, spread, verdict, reason):
    found = judged(build, day_night, RaceTimes(batches=(BatchPairs(4, pairs(ratio, spread=spread)),)))["throughput.4"]
    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.interval[0] <= found.value <= found.interval[1]
    assert found.candidate / found.baseline == pytest.approx(ratio, rel=0.05)


def test_each_size_has_a_finding_of_its_own_and_one_that_was_not_raced_is_never_passed(build, day_night):
    times = RaceTimes(batches=(BatchPairs(1, pairs(1.0)), BatchPairs(8, pairs(0.5))))
    found = judged(build, day_night, times, sizes=(1, 4, 8))
    assert {rule: (one.verdict, one.reason) for rule, one in found.items()} == {
        "throughput.1": (PASS, "within-limit"),
        "throughput.4": (INCONCLUSIVE, "cost-missing"),
        "throughput.8": (FAIL, "over-limit"),
    }


@pytest.mark.parametrize(
    ("times", "conditions", "verdict", "reason"),
    [
        (RaceTimes(unbatched="one at a time"), {}, INCONCLUSIVE, "cannot-batch"),
        (RaceTimes(), {}, INCONCLUSIVE, "cost-missing"),
        (RaceTimes(batches=(BatchPairs(4, pairs(1.0, 10)),)), {}, INCONCLUSIVE, "too-few-pairs"),
        (RaceTimes(batches=(BatchPairs(4, pairs(1.0, 2) * 20),)), {}, INCONCLUSIVE, "too-few-pairs"),
        (RaceTimes(batches=(BatchPairs(4, ()),)), {}, FAIL, "not-finite"),
        (RaceTimes(batches=(BatchPairs(4, ((-1, 5), *pairs(1.0))),)), {}, FAIL, "not-finite"),
        (RaceTimes(batches=(BatchPairs(4, pairs(1.0)),)), {"others": 1}, INCONCLUSIVE, "gpu-shared"),
    ],
)
def test_what_shows_nothing_is_not_passed(build, day_night, times, conditions, verdict, reason):
    found = judged(build, day_night, times, **conditions)["throughput.4"]
    assert (found.verdict, found.reason) == (verdict, reason)


def test_without_a_race_it_is_missing_and_without_a_baseline_not_asked(build, day_night):
    policies = {"phone": build.policy(latency={"max_ratio": 1.1}, throughput={"min_ratio": 0.9})}
    findings = build.findings(build.answer(build.run(day_night), policies))
    assert {findings[f"throughput.{size}", None].reason for size in (1, 4, 8)} == {"cost-missing"}
