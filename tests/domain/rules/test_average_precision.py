import dataclasses
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.comparing.comparison import SliceComparison
from pytest_damover.domain.gate import compare_candidates, judge
from pytest_damover.domain.scoring.matching import COCO_IOUS
from pytest_damover.domain.verdict import Answer

PASS, FAIL, INCONCLUSIVE = Answer.PASS, Answer.FAIL, Answer.INCONCLUSIVE


AP50 = {"ap50": {"margin": 0.02, "slices": {"night": 0.05}, "minimum": 0.8}}
ENOUGH = {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 20}


def with_slices(build, day_night, names=("night",), ap50=AP50["ap50"], **changes):
    """The verdict when AP50 came out like this, of the whole suite and of the slice night alike."""
    values = {
        "images": 100,
        "objects": 100,
        "baseline": 0.9,
        "candidate": 0.91,
        "difference": 0.01,
        "interval": (-0.01, 0.03),
        "candidate_interval": (0.85, 0.95),
    }
    values |= changes
    policies = {"phone": build.policy(evidence=ENOUGH, ap50=ap50)}
    run = build.run(day_night)
    (comparison,) = compare_candidates(run, policies)
    slices = tuple(SliceComparison("phone", name, **values) for name in (None, *names))
    return build.findings(judge(run, (dataclasses.replace(comparison, slices=slices),), policies))


@pytest.mark.parametrize(
    ("interval", "whole", "night"),
    [
        ((-0.01, 0.03), PASS, PASS),
        ((-0.02, 0.03), PASS, PASS),
        ((-0.0201, 0.03), INCONCLUSIVE, PASS),
        ((-0.06, -0.021), FAIL, INCONCLUSIVE),
        ((-0.06, -0.02), INCONCLUSIVE, INCONCLUSIVE),
        ((-0.09, -0.051), FAIL, FAIL),
    ],
)
def test_non_inferiority_reads_the_interval(build, day_night, interval, whole, night):
    found = with_slices(build, day_night, interval=interval, difference=sum(interval) / 2)
    assert (found["ap50", None].verdict, found["ap50", "night"].verdict) == (whole, night)
    assert (found["ap50", None].limit, found["ap50", "night"].limit) == (-0.02, -0.05)
    assert found["ap50", None].interval == interval
    assert found["ap50", "night"].rerun == "pytest suites/phone -k night --revisions v1,v2"


@pytest.mark.parametrize(
    ("interval", "verdict"), [((0.8, 0.9), PASS), ((0.79, 0.9), INCONCLUSIVE), ((0.7, 0.79), FAIL)]
)
def test_the_floor_reads_the_candidates_own_interval(build, day_night, interval, verdict):
    found = with_slices(build, day_night, candidate_interval=interval)["ap50.minimum", None]
    assert (found.verdict, found.value, found.limit, found.interval) == (verdict, 0.91, 0.8, interval)


def test_undecided_says_how_many_images_would_decide(build, day_night):
    # half-width 0.04 down to the gap of 0.02 to the limit takes twice squared times 100 images
    found = with_slices(build, day_night, difference=0.0, interval=(-0.04, 0.04))["ap50", None]
    assert found.reason == "undecided"
    assert "about 400 images" in found.message


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        (
            {"difference": None, "candidate": None, "interval": None, "candidate_interval": None},
            INCONCLUSIVE,
            "no-data",
        ),
        ({"interval": None, "candidate_interval": None}, INCONCLUSIVE, "no-interval"),
        ({"difference": math.nan, "candidate": math.nan}, FAIL, "not-finite"),
        ({"difference": math.inf, "candidate": -math.inf}, FAIL, "not-finite"),
        ({"interval": (math.nan, math.nan), "candidate_interval": (0.9, math.nan)}, FAIL, "not-finite"),
        ({"interval": (-math.inf, math.inf), "candidate_interval": (0.9, math.inf)}, FAIL, "not-finite"),
    ],
)
def test_g7_no_number_is_no_pass(build, day_night, changes, verdict, reason):
    found = with_slices(build, day_night, **changes)
    for key in (("ap50", None), ("ap50", "night"), ("ap50.minimum", None)):
        assert (found[key].verdict, found[key].reason) == (verdict, reason)


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_the_side_that_is_no_number_is_named(build, day_night, side):
    found = with_slices(build, day_night, **{side: math.nan, "difference": math.nan, "interval": None})
    assert f"the {side}'s detections of an image are missing or unreadable" in found["ap50", None].message


def test_a_small_slice_is_inconclusive_and_the_whole_is_not_a_slice(build, day_night):
    found = with_slices(build, day_night, images=19)
    assert found["ap50", "night"].reason == "slice-too-small"
    assert found["ap50", None].verdict is PASS


def test_a_slice_that_no_case_names_is_a_fail(build, day_night):
    policies = {"phone": build.policy(ap50={"slices": {"fog": 0.05}, "resamples": 200})}
    found = build.findings(build.answer(build.run(day_night), policies))["ap50", "fog"]
    assert (found.verdict, found.reason) == (FAIL, "slice-absent")


def test_night_blindness_is_stopped_with_numbers(build, day_night):
    policies = {"phone": build.policy(ap50={"margin": 0.02, "slices": {"day": 0.05, "night": 0.05}, "resamples": 200})}
    ends = build.outcomes(day_night, v2={f"night_{i}": "failed" for i in range(4)})
    found = build.findings(build.answer(build.run(day_night, ends), policies))
    assert found["ap50", "day"].verdict is PASS
    night = found["ap50", "night"]
    assert (night.verdict, night.value, night.baseline, night.candidate, night.n) == (FAIL, -1, 1, 0, 4)


anything = st.none() | st.floats(allow_nan=True, allow_infinity=True)
ends = st.none() | st.tuples(st.floats(), st.floats())


@settings(max_examples=150, deadline=None)
@given(value=anything, own=anything, interval=ends, own_interval=ends, margin=st.floats(), floor=st.floats())
def test_g7_a_pass_of_ap50_rests_on_finite_numbers_that_clear_the_limit(
    build, compared, value, own, interval, own_interval, margin, floor
):
    rule = build.policy(**AP50).ap50
    policies = {
        "phone": dataclasses.replace(build.policy(), ap50=dataclasses.replace(rule, margin=margin, minimum=floor))
    }
    run, comparison = compared
    nothing = dataclasses.replace(comparison, slices=())
    whole = SliceComparison("phone", None, 50, 50, 0.5, own, value, interval, own_interval)
    verdict = judge(run, (dataclasses.replace(nothing, slices=(whole,)),), policies)
    found = build.findings(verdict)
    for finding, measured, limit in (
        (found["ap50", None], (value, interval), -margin),
        (found["ap50.minimum", None], (own, own_interval), floor),
    ):
        if finding.verdict is PASS:
            assert all(math.isfinite(number) for number in (measured[0], *measured[1], limit))
            assert measured[1][0] >= limit
    json.loads(verdict.to_text())


@pytest.mark.parametrize(
    ("value", "slices", "verdict", "reason"),
    [
        (-0.09, ("night",), FAIL, "over-limit"),  # the interval ends at -0.051: p = 0.022
        (-0.09, ("night", "day"), INCONCLUSIVE, "undecided-among-slices"),  # twice that is over 0.025
        (-0.11, ("night", "day"), FAIL, "over-limit"),
        (0.0, ("night", "day"), PASS, "within-limit"),
    ],
)
def test_a_slice_that_looks_bad_among_several_is_undecided(build, day_night, value, slices, verdict, reason):
    rule = {"slices": dict.fromkeys(slices, 0.05)}
    drawn = {"difference": value, "interval": (value - 0.039, value + 0.039)}
    found = with_slices(build, day_night, names=slices, ap50=rule, **drawn)["ap50", "night"]
    assert (found.verdict, found.reason) == (verdict, reason)
    assert ("among 2 slices" in found.message) == (verdict is INCONCLUSIVE)


@pytest.mark.parametrize(
    ("ratio_interval", "verdict"), [((0.96, 1.01), PASS), ((0.93, 1.01), INCONCLUSIVE), ((0.90, 0.94), FAIL)]
)
def test_a_relative_margin_is_one_of_the_baselines_ap(build, day_night, ratio_interval, verdict):
    changes = {"ratio": sum(ratio_interval) / 2, "ratio_interval": ratio_interval}
    found = with_slices(build, day_night, ap50={"relative_margin": 0.05}, **changes)["ap50.relative", None]
    assert (found.verdict, found.limit) == (verdict, -0.05)
    assert found.value == pytest.approx(sum(ratio_interval) / 2 - 1)
    assert found.interval == pytest.approx([end - 1 for end in ratio_interval])


def test_a_baseline_that_finds_nothing_has_no_relative_change(build, day_night):
    found = with_slices(build, day_night, ap50={"relative_margin": 0.05}, baseline=0.0)["ap50.relative", None]
    assert (found.verdict, found.reason, found.value) == (INCONCLUSIVE, "no-data", None)


def test_ap_over_all_ious_is_judged_beside_ap50(build):
    """Boxes that are half a side off count at IoU 0.5 and at none of the stricter ones."""
    off = {"boxes": [[10.0, 10.0, 50.0, 115.0]], "scores": [0.9], "labels": ["phone"]}
    plan = build.plan([build.suite([build.case(f"c{number}") for number in range(8)])])
    ends = {item.key: build.finished(item, detections=off) for item in plan.items if item.revision == "v2"}
    rules = {"ap50": {"margin": 0.02}, "ap": {"margin": 0.02, "relative_margin": 0.1, "minimum": 0.5}}
    found = build.findings(build.answer(build.run(plan, ends), {"phone": build.policy(**rules)}))
    iou = 80 / 105
    kept = sum(threshold <= iou for threshold in COCO_IOUS) / 10
    assert (found["ap50", None].verdict, found["ap50", None].value) == (PASS, 0.0)
    assert (found["ap", None].verdict, found["ap", None].value) == (FAIL, pytest.approx(kept - 1))
    assert (found["ap.relative", None].verdict, found["ap.relative", None].value) == (FAIL, pytest.approx(kept - 1))
    assert (found["ap.minimum", None].verdict, found["ap.minimum", None].value) == (PASS, pytest.approx(kept))


def test_every_interval_says_what_it_would_have_shown(build, day_night):
    found = with_slices(build, day_night, interval=(-0.0196, 0.0196), difference=0.0)["ap50", None]
    assert found.detectable == pytest.approx(0.028, abs=1e-4)


def grouped(build, names):
    """Images in groups of these names, of which the candidate loses the first three; None: no group."""
    cases = [build.case(f"c{place}") for place in range(len(names))]
    cases = [dataclasses.replace(case, group=name) for case, name in zip(cases, names, strict=True)]
    plan = build.plan([build.suite(cases)])
    policies = {"phone": build.policy(evidence=ENOUGH, **AP50)}
    lost = [item for item in plan.items if item.revision == "v2" and item.case in ("c0", "c1", "c2")]
    run = build.run(plan, {item.key: build.finished(item, "failed", build.MISS) for item in lost})
    return build.findings(build.answer(run, policies))


def test_images_are_told_in_their_groups_and_few_groups_widen_the_interval(build):
    found = grouped(build, [name for name in ("till", "yard", "shop", "gate") for _ in range(3)] + [None] * 3)
    for rule in ("ap50", "ap50.minimum"):
        assert found[rule, None].message.endswith("; 15 images in 7 groups")
        assert found[rule, None].n == 15
    apart = grouped(build, [None] * 15)["ap50", None]
    assert "groups" not in apart.message
    assert found["ap50", None].interval[0] < apart.interval[0] < apart.value < 0


def test_one_group_gives_no_interval(build):
    found = grouped(build, ["till"] * 6)["ap50", None]
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "no-interval")
    assert found.message.endswith("; 6 images in 1 group")
