import math

import pytest

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.policy import ApRule
from pytest_damover.domain.slicing.slices import ScoredImage, estimate_slices, readable_detections

RULE = ApRule(0.02, {}, None, 0.95, 200, 1)


@pytest.fixture
def images(build):
    hit = build.detections((build.PHONE, 0.9, "phone"))
    truth = (GroundTruth(tuple(build.PHONE), "phone"),)
    day = ScoredImage(truth, ("day",), hit, hit)
    night = ScoredImage(truth, ("night",), hit, EMPTY)
    empty = ScoredImage((), ("none",), EMPTY, EMPTY)
    return [day, day, night, night, empty, empty]


def test_whole_and_slices(images):
    results = dict(estimate_slices(images, ["day", "night", "none", "nowhere"], "ap50", RULE, alone=False))
    assert list(results) == [None, "day", "night", "none", "nowhere"]
    # of four objects two are found, with no false alarm: the 51 recalls up to 0.50
    assert results[None].candidate == pytest.approx(51 / 101)
    assert (results["day"].difference, results["day"].interval) == (0, (0, 0))
    assert (results["night"].difference, results["night"].interval) == (-1, (-1, -1))
    assert (results["none"].images, results["none"].candidate, results["none"].interval) == (2, None, None)
    assert (results["nowhere"].images, results["nowhere"].objects) == (0, 0)


def test_alone_leaves_the_baseline_side_empty(images):
    for _, result in estimate_slices(images, ["night"], "ap50", RULE, alone=True):
        assert (result.baseline, result.difference, result.interval) == (None, None, None)
        assert result.candidate is not None


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_one_unreadable_image_makes_its_slices_not_a_number(images, side):
    image = images[0]
    sides = {"baseline": image.baseline, "candidate": image.candidate, side: None}
    broken = ScoredImage(image.truths, image.slices, **sides)
    results = dict(estimate_slices([broken, *images[1:]], ["day", "night"], "ap50", RULE, alone=False))
    for name in (None, "day"):
        assert math.isnan(getattr(results[name], side))
        assert math.isnan(results[name].difference)
        assert results[name].interval is None
    assert results["night"].difference == -1


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"boxes": [[0, 0, 1, 1]], "scores": [math.nan], "labels": ["phone"]},
        {"boxes": [[0, 0, math.inf, 1]], "scores": [0.5], "labels": ["phone"]},
        {"boxes": [[0, 0, 1, 1]], "scores": [1.5], "labels": ["phone"]},
        {"boxes": [[0, 0, 1, 1]], "scores": [0.5, 0.4], "labels": ["phone"]},
        {"boxes": [[0, 0, 1]], "scores": [0.5], "labels": ["phone"]},
        {"boxes": [[0, 0, 1, "a"]], "scores": [0.5], "labels": ["phone"]},
        {"boxes": [[0, 0, 1, 1]], "scores": [0.5], "labels": [None]},
        {"boxes": [[0, 0, 1, 1], [0]], "scores": [0.5, 0.5], "labels": ["a", "b"]},
        {"boxes": 7, "scores": None, "labels": 3},
    ],
)
def test_what_is_not_detections_is_not_read(data):
    assert readable_detections(data) is None


def test_an_image_without_detections_is_readable(build):
    assert len(readable_detections(build.MISS)) == 0
    assert len(readable_detections(build.HIT)) == 1
