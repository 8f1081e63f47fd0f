"""A policy may name a free slice: it is judged like a named one, absent it is FAIL, unknown it is INCONCLUSIVE."""

import dataclasses

import pytest

from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.planting.control import Planted, plant
from pytest_damover.domain.slicing.image_properties import ImageProperties

DARK, DIM = ImageProperties(20, 10, 50), ImageProperties(100, 40, 500)
AP50 = {"margin": 0.9, "slices": {"brightness:dark": 0.05}, "resamples": 200}


def verdict_of(build, properties, least=1, failed=()):
    """Eight cases without a slice of their own, with these properties; `failed` are lost on the candidate."""
    cases = [build.case(str(number)) for number in range(8)]
    evidence = {**build.POLICY["evidence"], "min_slice_images": least}
    policy = {**build.POLICY, "evidence": evidence, "regressions": {"major": 8}, "ap50": AP50}
    plan = build.plan([build.suite(cases, policy)])
    ends = {}
    for item in plan.items:
        lost = item.revision == "v2" and int(item.case) in failed
        end = build.finished(item, "failed" if lost else "passed", build.MISS if lost else build.HIT)
        ends[item.key] = dataclasses.replace(end, image_properties=properties[int(item.case)])
    return build.run(plan, ends), build.policy(**{**policy, "schema": 1})


def finding(build, *arguments, **more):
    run, _ = verdict_of(build, *arguments, **more)
    return build.findings(build.answer(run))["ap50", "brightness:dark"]


@pytest.mark.parametrize(
    ("properties", "least", "verdict", "reason"),
    [
        ([DARK] * 8, 8, "PASS", "within-limit"),
        ([DARK] * 8, 9, "INCONCLUSIVE", "slice-too-small"),
        ([DIM] * 8, 1, "FAIL", "slice-absent"),
        ([None] * 8, 1, "INCONCLUSIVE", "slice-too-small"),
        ([DIM] * 7 + [None], 1, "INCONCLUSIVE", "slice-too-small"),
    ],
)
def test_named_in_the_policy(build, properties, least, verdict, reason):
    found = finding(build, properties, least)
    assert (found.verdict.value, found.reason) == (verdict, reason)


def test_only_its_images_are_compared(build):
    half = [DARK] * 4 + [DIM] * 4
    assert finding(build, half, failed=(4, 5, 6, 7)).verdict.value == "PASS"
    lost = finding(build, half, failed=(0, 1, 2, 3))
    assert (lost.verdict.value, lost.value, lost.n) == ("FAIL", -1, 4)


def test_no_keyword_of_pytest_selects_it_so_the_command_runs_the_suite(build):
    assert finding(build, [DARK] * 8).rerun == "pytest suites/phone --revisions v1,v2"


def test_the_properties_may_stand_on_either_side(build):
    run, policy = verdict_of(build, [DARK] * 8)
    ends = tuple(
        dataclasses.replace(end, image_properties=None) if end.item.endswith("@v1") else end
        for end in run.journal.finished
    )
    one_side = dataclasses.replace(run, journal=dataclasses.replace(run.journal, finished=ends))
    compared = compare(one_side, run.plan.candidates[0], {"phone": policy})
    assert [(one.slice, one.images) for one in compared.slices] == [(None, 8), ("brightness:dark", 8)]


def test_the_negative_control_is_blind_in_a_free_slice_too(build):
    run, policy = verdict_of(build, [DARK] * 4 + [DIM] * 4)
    comparison = compare(run, run.plan.candidates[0], {"phone": policy})
    control = plant(run, comparison, run.plan.suites[0], policy, Planted.BLIND)
    assert (control.slice, [case.name for case in control.suite.cases]) == ("brightness:dark", ["0", "1", "2", "3"])
    assert build.findings(build.answer(run))["control", None].verdict.value == "PASS"
