"""The search for weak spots: it finds what is there on real detections, and by chance no more than it may."""

from __future__ import annotations

import dataclasses
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from pytest_damover.domain.case import case_from_data
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.policy import ApRule
from pytest_damover.domain.slicing.discovery import MOST_PICKED, discover, is_for_search
from pytest_damover.domain.slicing.free_slices import FREE_SLICES, slice_names
from pytest_damover.domain.slicing.image_properties import ImageProperties
from pytest_damover.domain.slicing.slices import ScoredImage

ROOT = Path(__file__).parents[3]
RULE = ApRule(None, {}, None, 0.95, 400, 1)
NEVER = range(0).__contains__
DARK, DIM, BRIGHT = ImageProperties(20, 40, 500), ImageProperties(100, 40, 500), ImageProperties(150, 40, 500)


@pytest.fixture(scope="module")
def demo():
    """The demo's cases as v1.0.0 and v2.0.0 saw them (tools/record_weak_spot.py); `named` keeps their own slices."""
    recorded = json.loads(gzip.decompress((ROOT / "tests/data/night_blind.json.gz").read_bytes()))
    folder = ROOT / "suites/phone/cases"
    texts = [*(folder / "cases.jsonl").read_text().splitlines(), *(path.read_text() for path in folder.glob("*.json"))]
    known = {data["name"]: case_from_data(data, "phone", "", "") for data in map(json.loads, texts)}

    def images(named: bool):
        found = {}
        for name, (properties, *sides) in recorded.items():
            case = known[name]
            if case.has_ground_truth:
                names = slice_names(case, ImageProperties.from_json(properties))
                kept = names if named else [one for one in names if one in FREE_SLICES]
                found[name] = ScoredImage(case.expected.expected_boxes, kept, *map(_detections, sides))
        return found

    return images


def _detections(rows):
    return Detections.of([row[:4] for row in rows], [row[4] for row in rows], ["phone"] * len(rows))


def test_the_revision_that_is_blind_at_night_is_found_by_darkness_though_nobody_named_the_night(demo):
    found = discover("phone", demo(named=False), 40, -0.05, RULE)
    assert (sum(found.halves), found.least) == (490 + 20, 20)
    (first, *_) = found.confirmed
    assert first.spot == ("brightness:dark",)
    assert first.difference < -0.05
    assert first.tested.interval[1] < -0.05
    assert first.tested.images >= 60


def test_with_the_night_named_it_is_searched_within_it_and_the_dark_is_not_found_twice(demo):
    found = discover("phone", demo(named=True), 40, 0.0, RULE)
    assert [one.spot[-1] for one in found.confirmed] == ["brightness:dark"]
    assert found.tried > len(FREE_SLICES)


@pytest.fixture
def made(build):
    """Images by name, in the dark or not; `lost` says which are lost on the candidate."""
    truth = build.case("a").expected.expected_boxes
    hit = build.detections((build.PHONE, 0.9, "phone"))

    def images(count, dark, lost, own=()):
        found = {}
        for number in range(count):
            properties = DARK if dark(number) else DIM if number % 2 else BRIGHT
            names = slice_names(build.case("a", own), properties)
            found[f"c{number:03}"] = ScoredImage(truth, names, hit, EMPTY if lost(number) else hit)
        return found

    return images


def test_a_loss_is_picked_on_one_half_and_told_from_the_other(made):
    images = made(120, lambda i: i < 60, lambda i: i < 60 and i % 3 == 0)
    found = discover("phone", images, 10, -0.1, RULE)
    (only,) = found.suspects
    inside = {half: [name for name in list(images)[:60] if is_for_search(name) is half] for half in (True, False)}
    assert only.spot == ("brightness:dark",)
    assert (only.images, only.tested.images) == (len(inside[True]), len(inside[False]))
    lost = {half: sum(images[name].candidate is EMPTY for name in names) for half, names in inside.items()}
    # no false alarms: AP50 is the share of the 101 recalls that is reached
    assert only.tested.candidate == pytest.approx(1 - lost[False] / len(inside[False]), abs=0.01)
    assert only.difference == pytest.approx(-lost[True] / len(inside[True]), abs=0.01)
    assert found.confirmed == (only,)


def test_what_the_other_half_does_not_say_is_not_confirmed(made):
    images = made(120, lambda i: i < 60, lambda i: i < 60 and i % 3 == 0 and is_for_search(f"c{i:03}"))
    found = discover("phone", images, 10, 0.0, RULE)
    assert [one.spot for one in found.suspects] == [("brightness:dark",)]
    assert (found.confirmed, found.suspects[0].tested.difference, found.suspects[0].p) == ((), 0, 1)


def test_each_is_tested_without_the_images_of_those_before_it(made):
    images = made(160, lambda i: i < 60, lambda i: i < 60 or i % 2 == 0)
    found = discover("phone", images, 10, 0.0, RULE)
    assert [one.spot for one in found.suspects] == [("brightness:dark",), ("brightness:bright",)]
    assert sum(one.images for one in found.suspects) == sum(
        is_for_search(name) for number, name in enumerate(images) if number < 60 or number % 2 == 0
    )


def test_slices_of_the_same_images_are_one_and_the_whole_suite_is_none(made):
    # all contrasts, blurs, sizes and numbers are alike, and the named slice holds every image
    images = made(60, lambda i: i < 30, NEVER, own=["till"])
    assert discover("phone", images, 2, 0.0, RULE).tried == 3


@pytest.mark.parametrize(("least", "tried"), [(2, 3), (30, 1), (200, 0)])
def test_small_slices_are_not_tried(made, least, tried):
    images = made(90, lambda i: i < 60, NEVER)
    found = discover("phone", images, least, 0.0, RULE)
    assert (found.tried, found.least, found.suspects) == (tried, least // 2, ())


def test_an_image_that_cannot_be_read_takes_no_part(made):
    images = made(60, lambda i: i < 30, NEVER)
    images["c000"] = ScoredImage(images["c000"].truths, images["c000"].slices, None, EMPTY)
    assert sum(discover("phone", images, 2, 0.0, RULE).halves) == 59


def test_a_group_is_on_one_half_and_drawn_whole(made):
    images = {
        name: dataclasses.replace(image, group=f"camera_{number % 6}")
        for number, (name, image) in enumerate(made(120, lambda i: i < 60, lambda i: i < 60 and i % 7 < 3).items())
    }
    cameras = sum(is_for_search(f"camera_{number}") for number in range(6))
    found = discover("phone", images, 10, 0.0, RULE)
    assert found.halves == (20 * cameras, 20 * (6 - cameras))
    assert found.suspects[0].tested.groups == 6 - cameras


def test_too_few_left_to_test_are_told_and_not_counted(made):
    names = [f"c{i:03}" for i in range(60)]
    images = made(60, lambda i: is_for_search(names[i]), lambda i: is_for_search(names[i]) and i % 2 == 0)
    images |= {f"x{number}": image for number, image in enumerate(made(40, NEVER, NEVER).values())}
    found = discover("phone", images, 10, 0.0, RULE)
    assert [(one.spot, one.tested.images, one.p) for one in found.suspects] == [(("brightness:dark",), 0, None)]
    assert found.confirmed == ()


def test_there_is_nothing_to_find_in_nothing():
    assert discover("phone", {}, 1, 0.0, RULE).suspects == ()


def test_about_half_is_for_search_and_always_the_same():
    halves = [is_for_search(f"case_{number}") for number in range(2000)]
    assert 900 < sum(halves) < 1100
    assert [is_for_search(name) for name in ("day", "night", "single_phone")] == [True, False, True]


def test_chance_alone_is_seldom_confirmed(build):
    """Both sides lose one image in five, each for itself: of 200 searches at most one in twenty may confirm a loss."""
    truth = build.case("a").expected.expected_boxes
    hit = build.detections((build.PHONE, 0.9, "phone"))
    rule, random, false_alarms, suspected = ApRule(None, {}, None, 0.95, 200, 1), np.random.default_rng(0), 0, 0
    for _ in range(200):
        images = {}
        for number in range(80):
            properties = ImageProperties(*(random.uniform(0, 250), random.uniform(0, 96), random.uniform(0, 2000)))
            before, after = (EMPTY if random.random() < 0.2 else hit for _ in range(2))
            images[f"c{number}"] = ScoredImage(truth, slice_names(build.case("a"), properties), before, after)
        found = discover("phone", images, 10, 0.0, rule)
        suspected += len(found.suspects)
        false_alarms += bool(found.confirmed)
    assert suspected > 200  # chance shows many, and the second half takes them back
    assert false_alarms <= 10
    assert suspected <= MOST_PICKED * 200
