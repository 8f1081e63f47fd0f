"""Rule `discovery`: a confirmed loss over the margin is FAIL, none is PASS, nothing to search is INCONCLUSIVE."""

import dataclasses

import pytest

from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.gate import compare_candidates, judge, planned_policies
from pytest_damover.domain.planting.control import Planted, plant
from pytest_damover.domain.rules.planned import planned_rules
from pytest_damover.domain.slicing.image_properties import ImageProperties

DARK, DIM = ImageProperties(20, 10, 50), ImageProperties(100, 10, 50)


def run_with(build, dark=(), lost=(), count=48, candidates=("v2",), baseline="v1", **rule):
    """Cases without a slice of their own, dark or dim, some lost on the candidate; the policy allows them as cases."""
    cases = [build.case(str(number)) for number in range(count)]
    sections = {"discovery": {"margin": 0.1, **rule}, "ap50": {"margin": 0.9, "resamples": 200}}
    policy = {**build.POLICY, "regressions": {"major": count - 1}, "failures": {"major": count}, **sections}
    plan = build.plan([build.suite(cases, policy)], baseline=baseline, candidates=candidates)
    ends = {}
    for item in plan.items:
        gone = item.revision == "v2" and int(item.case) in lost
        end = build.finished(item, "failed" if gone else "passed", build.MISS if gone else build.HIT)
        ends[item.key] = dataclasses.replace(end, image_properties=DARK if int(item.case) in dark else DIM)
    return build.run(plan, ends)


def found(build, *arguments, **more):
    return build.findings(build.answer(run_with(build, *arguments, **more)))


def test_a_confirmed_loss_is_fail_with_its_numbers(build):
    finding = found(build, range(24), range(20))["discovery", None]
    assert (finding.verdict.value, finding.reason) == ("FAIL", "weak-spot")
    assert finding.value == pytest.approx(finding.candidate - finding.baseline)
    assert finding.value < -0.5
    assert finding.interval[1] < finding.limit == -0.1
    assert finding.confidence == 0.95
    standard_error = (finding.interval[1] - finding.interval[0]) / (2 * 1.96)
    assert finding.detectable == pytest.approx((1.96 + 0.8416) * standard_error, rel=1e-3)  # power 80 %
    assert "brightness:dark" in finding.message
    assert finding.message.startswith("slices tried on 17 images: 2, picked and tested on 31 others: 1, a loss beyond")


def test_without_a_confirmed_loss_it_passes_and_makes_nothing_better(build):
    everything = found(build, range(24), range(0))
    assert (everything["discovery", None].verdict.value, everything["discovery", None].reason) == (
        "PASS",
        "no-weak-spot",
    )
    lost_as_cases = found(build, (), range(48))
    assert lost_as_cases["regressions.major", None].verdict.value == "FAIL"


def test_where_no_slice_is_large_enough_nothing_was_shown(build):
    finding = found(build, range(24), range(20), count=1)["discovery", None]
    assert (finding.verdict.value, finding.reason, finding.value) == ("INCONCLUSIVE", "too-little", None)


def test_a_comparison_that_was_not_searched_is_not_taken_for_a_clean_one(build):
    run = run_with(build, range(24), range(20))
    policies = planned_policies(run.plan)
    bare = compare(run, run.plan.candidates[0], policies)
    (verdict,) = judge(run, (bare,), policies).candidates
    (finding,) = [one for one in verdict.findings if one.rule == "discovery"]
    assert (finding.verdict.value, finding.reason) == ("INCONCLUSIVE", "too-little")


def test_it_may_only_warn(build):
    verdict = build.answer(run_with(build, range(24), range(20), action="warn"))
    finding = build.findings(verdict)["discovery", None]
    assert (finding.verdict.value, finding.action.value, verdict.candidates[0].verdict.value) == (
        "FAIL",
        "warn",
        "PASS",
    )


def test_off_by_default_but_searched_for_the_reader(build):
    run = run_with(build, range(24), range(20))
    policies = {"phone": dataclasses.replace(planned_policies(run.plan)["phone"], discovery=None)}
    (comparison,) = compare_candidates(run, policies)
    (discovery,) = comparison.discoveries
    assert (discovery.limit, [one.spot for one in discovery.confirmed]) == (0.0, [("brightness:dark",)])
    assert ("discovery", None) not in build.findings(build.answer(run, policies))


def test_alone_there_is_nothing_to_search(build):
    run = run_with(build, baseline=None)
    (comparison,) = compare_candidates(run, planned_policies(run.plan))
    assert comparison.discoveries == ()
    assert ("discovery", None) not in build.findings(build.answer(run))


def test_it_is_planned_with_a_baseline_only(build):
    policy = build.policy(discovery={"margin": 0.1})
    assert "discovery" in {rule.rule for rule in planned_rules(policy, alone=False)}
    assert "discovery" not in {rule.rule for rule in planned_rules(policy, alone=True)}


def test_the_negative_control_does_not_rest_on_it(build):
    run = run_with(build, range(24), range(0))
    policies = planned_policies(run.plan)
    (comparison,) = compare_candidates(run, policies)
    control = plant(run, comparison, run.plan.suites[0], policies["phone"], Planted.BLIND)
    assert control.policy.discovery is None
    assert found(build, range(24), range(0))["control", None].verdict.value == "PASS"
