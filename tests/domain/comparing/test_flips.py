"""Flips: every known object is kept, broken, fixed or never found; every spurious box is gone, new or kept."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain.comparing.comparison import compare
from pytest_damover.domain.comparing.flip_matching import Miss
from pytest_damover.domain.comparing.flips import BoxFate, ComparedImage, Fate, find_flips
from pytest_damover.domain.expectations import boxes as boxes_expectation

A, B, WALL = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (60.0, 60.0, 70.0, 70.0)
BESIDE_A = (0.0, 0.0, 10.0, 4.0)
"""IoU 0.4 with A."""


@pytest.fixture
def flips(build):
    """`flips(truths, before, after)` of one case; a box is a place, or (place, score) or (place, score, label)."""

    def find(truths, before, after, **expected):
        case = build.case("a", ["night"], "critical", [(box, "phone") for box in truths], **expected)
        sides = [None if side is None else build.detections(*map(_whole, side)) for side in (before, after)]
        return find_flips("phone", [ComparedImage(case, case.slices, *sides)])

    return find


def _whole(box):
    place, score, label = (*box, *(0.9, "phone")[len(box) - 1 :]) if isinstance(box[0], tuple) else (box, 0.9, "phone")
    return place, score, label


def fates(found):
    return [flip.fate.value for flip in found.objects], [box.fate.value for box in found.boxes]


def test_the_example_of_the_module(flips):
    found = flips([A, B], [A, WALL], [B, WALL])
    assert fates(found) == (["broken", "fixed"], ["kept"])
    broken, fixed = found.objects
    assert (broken.case.name, broken.slices, broken.number, broken.truth.box) == ("a", ("night",), 0, A)
    assert (broken.baseline.score, broken.baseline.iou, broken.baseline.box) == (0.9, 1.0, A)
    assert (fixed.number, fixed.baseline.miss, fixed.candidate.found) == (1, Miss.MISSED, True)


@pytest.mark.parametrize(
    ("after", "miss", "told"),
    [
        ([], Miss.MISSED, (None, None, None)),
        ([WALL], Miss.MISSED, (None, None, None)),
        ([(A, 0.31)], Miss.FAINT, (0.31, 1.0, "phone")),
        ([(A, 0.2), (A, 0.4)], Miss.FAINT, (0.4, 1.0, "phone")),
        ([BESIDE_A], Miss.MISPLACED, (0.9, 0.4, "phone")),
        ([(A, 0.8, "cup")], Miss.SWAPPED, (0.8, 1.0, "cup")),
        ([(A, 0.8, "cup"), (A, 0.3), BESIDE_A], Miss.SWAPPED, (0.8, 1.0, "cup")),
        ([(A, 0.3), BESIDE_A], Miss.MISPLACED, (0.9, 0.4, "phone")),
        ([(A, 0.3, "cup")], Miss.MISSED, (None, None, None)),
        ([(BESIDE_A, 0.3)], Miss.MISSED, (None, None, None)),
    ],
)
def test_a_broken_object_says_how(flips, after, miss, told):
    (broken,) = flips([A], [A], after).objects
    seen = broken.candidate
    assert (broken.fate, seen.miss, (seen.score, seen.iou, seen.label)) == (Fate.BROKEN, miss, told)


def test_a_box_that_lies_on_two_objects_stands_for_one(flips):
    near = (1.0, 0.0, 11.0, 10.0)
    found = flips([A, near], [A, near], [A])
    assert fates(found) == (["kept", "broken"], [])
    assert found.objects[1].candidate.miss is Miss.SHARED
    assert found.objects[1].candidate.score == 0.9


def test_a_box_that_stands_for_another_object_tells_nothing_of_this_one(build):
    """The cup lies on the phone, and the box on both is the cup's."""
    case = build.case("a", boxes=[(A, "phone"), (A, "cup")])
    cup = build.detections((A, 0.9, "cup"))
    (phone, _) = find_flips("phone", [ComparedImage(case, (), cup, cup)]).objects
    assert phone.candidate.miss is Miss.MISSED


def test_the_thresholds_are_the_cases_own(flips):
    assert fates(flips([A], [(A, 0.55)], [(A, 0.65)], confidence_threshold=0.6)) == (["fixed"], [])
    assert fates(flips([A], [A], [BESIDE_A], iou_threshold=0.4)) == (["kept"], [])
    assert fates(flips([], [(WALL, 0.55)], [(WALL, 0.65)], confidence_threshold=0.6)) == ([], ["new"])


def test_spurious_boxes_are_paired_by_label_and_place(flips):
    found = flips([], [WALL, (A, 0.7), (B, 0.8, "cup")], [(WALL, 0.6), (A, 0.7, "cup"), (B, 0.4, "cup")])
    told = {(box.fate, box.label, box.box): (box.baseline_score, box.candidate_score, box.iou) for box in found.boxes}
    assert told == {
        (BoxFate.KEPT, "phone", WALL): (0.9, 0.6, 1.0),
        (BoxFate.GONE, "phone", A): (0.7, None, None),
        (BoxFate.NEW, "cup", A): (None, 0.7, None),
        (BoxFate.GONE, "cup", B): (0.8, None, None),
    }


def test_a_double_is_spurious_and_the_surer_box_stands_for_the_object(flips):
    found = flips([A], [A], [(A, 0.6), (A, 0.95)])
    assert fates(found) == (["kept"], ["new"])
    assert (found.objects[0].candidate.score, found.boxes[0].candidate_score) == (0.95, 0.6)


def test_a_spurious_box_that_could_pair_twice_leaves_the_other_its_partner(flips):
    """The first box of the baseline overlaps both of the candidate, the second one of them: both are kept."""
    left, middle, right = (0.0, 0.0, 10.0, 10.0), (2.0, 0.0, 12.0, 10.0), (4.0, 0.0, 14.0, 10.0)
    found = flips([], [(middle, 0.9), (left, 0.8)], [(left, 0.9), (right, 0.8)])
    assert fates(found) == ([], ["kept", "kept"])


def test_an_image_without_readable_detections_is_named_and_has_no_flips(flips):
    found = flips([A], None, [A])
    assert (len(found.images), found.images[0].readable, fates(found)) == (1, False, ([], []))


def test_cases_without_ground_truth_are_left_out(build):
    case = build.case("a", boxes=None, min_objects=1)
    assert find_flips("phone", [ComparedImage(case, (), *[build.detections((A, 0.9, "phone"))] * 2)]).images == ()


def test_no_image_at_all_has_no_flips():
    found = find_flips("phone", [])
    assert (found.images, found.objects, found.boxes) == ((), (), ())


def test_a_comparison_has_the_flips_of_complete_cases(build, day_night):
    ends = build.outcomes(
        day_night, v2={"night_1": "failed", "night_2": None, "day_0": "skipped"}, v1={"day_1": "failed"}
    )
    run = build.run(day_night, ends)
    (found,) = compare(run, day_night.candidates[0], {}).flips
    assert Counter(flip.fate for flip in found.objects) == {Fate.KEPT: 4, Fate.BROKEN: 1, Fate.FIXED: 1}
    assert [flip.case.name for flip in found.objects if flip.fate is Fate.BROKEN] == ["night_1"]


def test_without_a_baseline_there_are_none(build):
    planned = build.plan([build.suite([build.case("a")])], baseline=None)
    assert compare(build.run(planned), planned.candidates[0], {}).flips == ()


PLACE = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(4, 10), st.integers(4, 10)).map(
    lambda b: (float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3]))
)
FOUND = st.lists(st.tuples(PLACE, st.sampled_from([0.3, 0.5, 0.7]), st.sampled_from(["phone", "cup"])), max_size=6)


@settings(max_examples=300, deadline=None)
@given(truths=st.lists(PLACE, max_size=5), before=FOUND, after=FOUND)
def test_as_many_objects_are_found_as_the_expectation_finds(build, truths, before, after):
    case = build.case("a", boxes=[(box, "phone") for box in truths])
    sides = [build.detections(*side) for side in (before, after)]
    found = find_flips("phone", [ComparedImage(case, (), *sides)])
    assert len(found.objects) == len(truths)
    for side, detections in zip(("baseline", "candidate"), sides, strict=True):
        count = sum(getattr(flip, side).found for flip in found.objects)
        told = boxes_expectation.evaluate(case.expected, detections).message
        assert told.startswith(f"found {count} of {len(truths)} ") or not truths
        spurious = [box for box in found.boxes if getattr(box, f"{side}_score") is not None]
        assert len(spurious) + count == np.count_nonzero(detections.scores >= 0.5)


@settings(max_examples=200, deadline=None)
@given(truths=st.lists(PLACE, max_size=5), before=FOUND)
def test_the_same_detections_make_no_flip(build, truths, before):
    case = build.case("a", boxes=[(box, "phone") for box in truths])
    side = build.detections(*before)
    found = find_flips("phone", [ComparedImage(case, (), side, side)])
    assert {flip.fate for flip in found.objects} <= {Fate.KEPT, Fate.NEVER_FOUND}
    assert {box.fate for box in found.boxes} <= {BoxFate.KEPT}


def test_many_images_give_what_each_gives_alone(build):
    rng = np.random.default_rng(5)

    def some(count):
        corners = rng.integers(0, 6, (count, 2)).astype(float)
        boxes = np.hstack([corners, corners + rng.integers(5, 12, (count, 2))])
        return [
            (tuple(box), float(score), str(rng.choice(["phone", "cup"])))
            for box, score in zip(boxes.tolist(), rng.random(count), strict=True)
        ]

    images = [
        ComparedImage(
            build.case(f"c{i}", boxes=[(box, label) for box, _, label in some(rng.integers(0, 5))]), (),
            build.detections(*some(rng.integers(0, 7))), build.detections(*some(rng.integers(0, 7))),
        )
        for i in range(60)
    ]  # fmt: skip
    whole, alone = find_flips("phone", images), [find_flips("phone", [image]) for image in images]
    assert whole.objects == tuple(flip for one in alone for flip in one.objects)
    assert whole.boxes == tuple(box for one in alone for box in one.boxes)
    assert len({flip.fate for flip in whole.objects}) == 4


def test_ten_thousand_cases_take_no_time_to_speak_of(build):
    """A slow loop over images takes minutes; the limit is wide, for the machine may be busy."""
    case = build.case("a", boxes=[(A, "phone"), (B, "phone")])
    before, after = build.detections((A, 0.9, "phone"), (B, 0.9, "phone")), build.detections((A, 0.9, "phone"))
    start = time.process_time()
    found = find_flips("phone", [ComparedImage(case, (), before, after)] * 10_000)
    assert time.process_time() - start < 5
    assert Counter(flip.fate for flip in found.objects) == {Fate.KEPT: 10_000, Fate.BROKEN: 10_000}


@pytest.mark.parametrize("flag", ["ignore", "crowd"])
def test_an_object_that_is_set_aside_and_boxes_of_its_label_on_it_are_left_out(build, flag):
    known = build.case("a", boxes=[(A, "phone"), ((50.0, 50.0, 80.0, 80.0), "phone")])
    truths = tuple(
        replace(truth, **{flag: number == 1}) for number, truth in enumerate(known.expected.expected_boxes or ())
    )
    case = replace(known, expected=replace(known.expected, expected_boxes=truths))
    on_it, in_it, apart = (51.0, 51.0, 79.0, 79.0), (55.0, 55.0, 60.0, 60.0), (70.0, 0.0, 80.0, 10.0)
    after = build.detections((on_it, 0.9, "phone"), (in_it, 0.8, "phone"), (on_it, 0.7, "cup"), (apart, 0.6, "phone"))
    found = find_flips("phone", [ComparedImage(case, (), build.detections((A, 0.9, "phone")), after)])
    assert [(flip.number, flip.fate) for flip in found.objects] == [(0, Fate.BROKEN)]
    new = [box.candidate_score for box in found.boxes if box.fate is BoxFate.NEW]
    assert sorted(new) == ([0.6, 0.7] if flag == "crowd" else [0.6, 0.7, 0.8])
