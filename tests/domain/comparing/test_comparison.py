import math

import pytest

from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.comparison import Change, compare
from pytest_damover.domain.run import DETECT, LATENCY, NO_REVISION, TEST, PlanItem

PAIRS = tuple((100_000 + 10 * turn, 110_000 + 11 * turn) for turn in range(24))


def compared(run, policies=None):
    return compare(run, run.plan.candidates[0], policies or {})


@pytest.mark.parametrize(
    ("baseline", "candidate", "change"),
    [
        ("passed", "passed", Change.KEPT),
        ("passed", "failed", Change.REGRESSION),
        ("failed", "passed", Change.FIXED),
        ("failed", "failed", Change.KNOWN_FAILURE),
        ("passed", "error", Change.INCOMPLETE),
        ("skipped", "passed", Change.INCOMPLETE),
        (None, "failed", Change.INCOMPLETE),
        ("passed", None, Change.INCOMPLETE),
    ],
)
def test_change_of_a_case(build, baseline, candidate, change):
    plan = build.plan([build.suite([build.case("desk", ["day"], "critical")])])
    run = build.run(plan, build.outcomes(plan, v1={"desk": baseline}, v2={"desk": candidate}))
    (case,) = compared(run).cases
    assert (case.change, case.severity, case.slices) == (change, Severity.CRITICAL, ("day",))
    assert (case.baseline is None, case.candidate is None) == (baseline is None, candidate is None)


@pytest.mark.parametrize(
    ("outcome", "change"),
    [
        ("passed", Change.KEPT),
        ("failed", Change.KNOWN_FAILURE),
        ("error", Change.INCOMPLETE),
        (None, Change.INCOMPLETE),
    ],
)
def test_a_single_revision_loses_nothing(build, outcome, change):
    plan = build.plan([build.suite([build.case("desk")])], baseline=None)
    assert compared(build.run(plan, build.outcomes(plan, v2={"desk": outcome}))).cases[0].change is change


@pytest.mark.parametrize("side", ["v2", NO_REVISION])
@pytest.mark.parametrize(("outcome", "change"), [("passed", Change.KEPT), ("failed", Change.REGRESSION)])
def test_a_test_without_a_baseline_side(build, side, outcome, change):
    item = PlanItem("phone", "test_a.py::test_pair", TEST, side)
    plan = build.plan([build.suite(test_severities={item.case: "minor"})], items=[item])
    (case,) = compared(build.run(plan, {item.key: build.finished(item, outcome, None)})).cases
    assert (case.change, case.severity, case.baseline) == (change, Severity.MINOR, None)


def test_tests_on_both_sides_and_severities_nobody_knows(build):
    items = [PlanItem("phone", name, TEST, side) for name in ("plain", "odd") for side in ("v1", "v2")]
    plan = build.plan([build.suite(test_severities={"odd": "catastrophic"})], items=items)
    run = build.run(plan, {items[1].key: build.finished(items[1], "failed", None)})
    plain, odd = compared(run).cases
    assert (plain.change, plain.severity) == (Change.REGRESSION, Severity.MAJOR)
    assert odd.severity is Severity.CRITICAL


def test_a_case_planned_for_the_candidate_only_is_incomplete(build):
    plan = build.plan([build.suite([build.case("desk")])], items=[PlanItem("phone", "desk", DETECT, "v2")])
    assert compared(build.run(plan)).cases[0].change is Change.INCOMPLETE


def test_ap_of_the_whole_and_of_every_slice(build):
    cases = [build.case(f"{s}_{i}", [s]) for s in ("day", "night") for i in range(4)]
    cases += [build.case("counted", ["count"], boxes=None, min_objects=1)]
    plan = build.plan([build.suite(cases)])
    lost = dict.fromkeys(["night_0", "night_1", "night_2", "night_3"], "failed")
    run = build.run(plan, build.outcomes(plan, v2=lost))
    policies = {"phone": build.policy(ap50={"slices": {"fog": 0.1}, "resamples": 200})}
    slices = {s.slice: s for s in compared(run, policies).slices}
    assert list(slices) == [None, "count", "day", "fog", "night"]
    assert (slices[None].images, slices[None].objects, slices[None].baseline) == (8, 8, 1)
    assert slices["night"].difference == -1
    assert slices["night"].interval == (-1, -1)
    assert slices["day"].candidate_interval == (1, 1)
    assert (slices["count"].images, slices["fog"].images, slices["fog"].candidate) == (0, 0, None)


def test_only_images_that_finished_on_both_sides_count(build):
    plan = build.plan([build.suite([build.case("a"), build.case("b"), build.case("c")])])
    run = build.run(plan, build.outcomes(plan, v1={"a": "error"}, v2={"b": None}))
    assert compared(run).slices[0].images == 1


def test_detections_that_were_not_recorded_are_not_a_number(build):
    plan = build.plan([build.suite([build.case("a"), build.case("b")])])
    item = plan.items[-1]
    whole = compared(build.run(plan, {item.key: build.finished(item, "failed", None)})).slices[0]
    assert math.isnan(whole.candidate)
    assert math.isnan(whole.difference)
    assert whole.baseline == 1


def latency_run(build, pairs_ns, outcome="passed"):
    item = PlanItem("phone", LATENCY, LATENCY, "v2")
    plan = build.plan([build.suite([build.case("a")])])
    plan = build.plan(plan.suites, items=[*plan.items, item])
    return build.run(plan, {item.key: build.finished(item, outcome, None, pairs_ns=pairs_ns)})


def test_the_race_is_a_latency_and_no_case(build):
    result = compared(latency_run(build, PAIRS))
    assert [case.case for case in result.cases] == ["a"]
    (latency,) = result.latencies
    assert latency.ratio == pytest.approx(1.1)
    assert latency.interval == pytest.approx((1.1, 1.1))
    assert latency.pairs_ns == PAIRS


@pytest.mark.parametrize("pairs_ns", [(), ((100, 0),) * 24, ((math.nan, 100),) * 24])
def test_times_that_are_no_times_are_not_a_number(build, pairs_ns):
    (latency,) = compared(latency_run(build, pairs_ns)).latencies
    assert math.isnan(latency.ratio)
    assert latency.interval is None


def test_a_race_that_did_not_run_is_not_there(build):
    assert compared(latency_run(build, PAIRS, "skipped")).latencies == ()


def test_identical_revisions_are_not_compared(build):
    plan = build.plan([build.suite([build.case("a")])], candidates=[build.revision("copy", content="v1")])
    result = compared(build.run(plan))
    assert result.identical
    assert (result.cases, result.slices, result.latencies) == ((), (), ())
