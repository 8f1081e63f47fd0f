import dataclasses

import numpy as np
import pytest

from pytest_damover import documents
from pytest_damover.domain.errors import Code
from pytest_damover.domain.rules.planned import planned_rules
from pytest_damover.domain.run import LATENCY, PlanItem
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.verdict import Answer

PASS, FAIL, INCONCLUSIVE = Answer.PASS, Answer.FAIL, Answer.INCONCLUSIVE
PAIRS = tuple((1000 + turn, 1000 + turn) for turn in range(16))
LOADS = tuple(map(tuple, (2e8 * np.random.default_rng(1).lognormal(0, 0.01, (16, 2)) * [1, 1.2]).tolist()))
RACE = {"latency": {"max_ratio": 2, "pairs": 12}}


def found(build, plan, device="cpu", outcome="passed", **sections):
    told = sections.pop("race", RaceConditions(2, peak_bytes=(500_000_000, 600_000_000), loads_ns=LOADS))
    item = PlanItem("phone", LATENCY, LATENCY, "v2")
    plan = dataclasses.replace(plan, items=(*plan.items, item))
    end = build.finished(item, outcome, None, pairs_ns=PAIRS, race=told)
    loads = sections.pop("loads", (("v1", {"parameters": 20_000_000}), ("v2", {"parameters": 25_000_000})))
    run = build.run(plan, {item.key: dataclasses.replace(end, device=device)}, loads=loads)
    return build.findings(build.answer(run, {"phone": build.policy(**RACE, **sections)}))


@pytest.mark.parametrize(
    ("section", "limits", "rule", "verdict", "value"),
    [
        ("memory", {"max_ratio": 1.2}, "memory", PASS, 1.2),
        ("memory", {"max_ratio": 1.19}, "memory", FAIL, 1.2),
        ("memory", {"max_mb": 600}, "memory.mb", PASS, 600),
        ("memory", {"max_mb": 599}, "memory.mb", FAIL, 600),
        ("size", {"max_ratio": 100}, "size", PASS, None),
        ("size", {"max_mb": 1e-9}, "size.mb", FAIL, None),
        ("parameters", {"max_ratio": 1.25}, "parameters", PASS, 1.25),
        ("parameters", {"max_ratio": 1.24}, "parameters", FAIL, 1.25),
        ("parameters", {"max_millions": 25}, "parameters.millions", PASS, 25),
        ("parameters", {"max_millions": 24.9}, "parameters.millions", FAIL, 25),
        ("cold_start", {"max_ratio": 1.3}, "cold_start", PASS, None),
        ("cold_start", {"max_ratio": 1.2}, "cold_start", INCONCLUSIVE, None),
        ("cold_start", {"max_ratio": 1.1}, "cold_start", FAIL, None),
        ("cold_start", {"max_ms": 260}, "cold_start.ms", PASS, None),
        ("cold_start", {"max_ms": 220}, "cold_start.ms", FAIL, None),
    ],
)
def test_a_limit_on_a_cost(build, day_night, section, limits, rule, verdict, value):
    finding = found(build, day_night, **{section: limits})[rule, None]
    assert finding.verdict is verdict
    assert value is None or finding.value == pytest.approx(value)
    assert (finding.interval is not None) is (section == "cold_start")
    assert finding.n == (16 if section == "cold_start" else 1)


@pytest.mark.parametrize(
    ("race", "rule"),
    [
        (None, "memory"),
        (RaceConditions(2), "memory"),
        (RaceConditions(2, peak_bytes=(0, 5)), "memory"),
        (RaceConditions(2, loads_ns=LOADS[:15]), "cold_start"),
        (RaceConditions(2, loads_ns=LOADS[:4] * 4), "cold_start"),
        (RaceConditions(2, loads_ns=((0, 1),) * 16), "cold_start"),
    ],
)
def test_what_was_not_measured_is_never_within_its_limit(build, day_night, race, rule):
    finding = found(build, day_night, race=race, memory={"max_ratio": 9}, cold_start={"max_ratio": 9})[rule, None]
    assert (finding.verdict, finding.reason, finding.value) == (INCONCLUSIVE, "cost-missing", None)


def test_a_race_that_ended_in_an_error_measured_nothing(build, day_night):
    finding = found(build, day_night, outcome="error", memory={"max_mb": 9999})["memory.mb", None]
    assert finding.reason == "cost-missing"


def test_on_a_gpu_its_memory_counts(build, day_night):
    told = RaceConditions(2, peak_bytes=(1, 9), gpu_peak_bytes=(100, 110))
    findings = found(build, day_night, device="cuda:0", race=told, memory={"max_ratio": 2})
    assert findings["memory", None].value == pytest.approx(1.1)


def test_alone_only_what_needs_no_race_is_limited(build):
    limits = {"size": {"max_ratio": 1, "max_mb": 1}, "parameters": {"max_ratio": 1, "max_millions": 1}}
    policy = build.policy(**RACE, memory={"max_mb": 1}, cold_start={"max_ms": 1}, **limits)
    rules = {rule.rule for rule in planned_rules(policy, alone=True)}
    assert rules & {"memory.mb", "size", "size.mb", "cold_start.ms", "parameters", "parameters.millions"} == {
        "size.mb",
        "parameters.millions",
    }


@pytest.mark.parametrize(
    "told", [{}, {"parameters": None}, {"parameters": 0}, {"parameters": True}, {"parameters": "9"}]
)
@pytest.mark.parametrize("rule", ["parameters", "parameters.millions"])
def test_parameters_that_no_load_told_are_never_within_their_limit(build, day_night, told, rule):
    loads = (("v1", {"parameters": 9}), ("v2", told))
    limits = {"max_ratio": 9, "max_millions": 9}
    finding = found(build, day_night, loads=loads, parameters=limits)[rule, None]
    assert (finding.verdict, finding.reason) == (INCONCLUSIVE, "cost-missing")


def test_without_the_baselines_parameters_there_is_no_ratio(build, day_night):
    loads = (("v2", {"parameters": 9_000_000}),)
    findings = found(build, day_night, loads=loads, parameters={"max_ratio": 9, "max_millions": 9})
    assert findings["parameters", None].reason == "cost-missing"
    assert findings["parameters.millions", None].verdict is PASS


def test_of_loads_that_tell_different_numbers_the_worse_counts(build, day_night):
    loads = tuple((name, {"parameters": count}) for name, count in (("v1", 10), ("v1", 8), ("v2", 12), ("v2", 10)))
    assert found(build, day_night, loads=loads, parameters={"max_ratio": 9})["parameters", None].value == 1.5


@pytest.mark.parametrize("section", ["memory", "cold_start"])
def test_what_a_race_measures_needs_a_race(section):
    evidence = dict.fromkeys(("min_cases", "min_images", "min_objects", "min_slice_images"), 1)
    data = {"schema": 1, "evidence": evidence, section: {"max_ratio": 2}}
    assert "latency" in str(documents.schema_faults(data, "policy", "gate.toml", Code.POLICY))
    assert documents.schema_faults({**data, "latency": {"max_ratio": 2}}, "policy", "gate.toml", Code.POLICY) == ()
