"""Our numbers are pycocotools', to twelve digits, on made-up sets with everything that is awkward."""

from dataclasses import astuple

import numpy as np
import pytest

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.scoring import greedy, precision_curves
from pytest_damover.domain.scoring.box_arrays import box_arrays
from pytest_damover.domain.scoring.coco_summary import summarize
from pytest_damover.domain.scoring.matching import COCO_IOUS, match_arrays, match_images, match_images_at
from pytest_damover.domain.scoring.metrics import (
    average_precision,
    average_recall,
    class_average_precisions,
    class_average_recalls,
    mean_average_precision,
    ranked_classes,
    weighted_average_precisions,
)
from tests.domain.scoring import pycocotools_numbers as oracle

pytest.importorskip("pycocotools")
EXACT = 1e-12


def some_boxes(rng, count, room=160):
    """Whole numbers, so that width and area are exact in both notations; sides up to 130, so all sizes occur."""
    corner = rng.integers(0, room, (count, 2))
    return np.hstack([corner, corner + rng.integers(1, 131, (count, 2))]).astype(float)


def made_up(seed, images=12, classes=3, most=6, grid=20, flags=0.25):
    """Ties in score, boxes that stand twice, crowds, objects to ignore, strays, images with nothing."""
    rng = np.random.default_rng(seed)
    truth_lists, found = [], []
    for _ in range(images):
        boxes = some_boxes(rng, int(rng.integers(0, most)) * int(rng.random() < 0.8))
        boxes = np.vstack([boxes, boxes[rng.random(len(boxes)) < 0.2]])
        labels = [f"class {index}" for index in rng.integers(0, classes, len(boxes))]
        marks = rng.random((len(boxes), 2)) < flags / 2
        truth_lists.append(
            [
                GroundTruth(tuple(box), label, bool(crowd), bool(ignore))
                for box, label, (crowd, ignore) in zip(boxes, labels, marks, strict=True)
            ]
        )
        near = boxes + rng.integers(-9, 10, boxes.shape) * (rng.random(boxes.shape) < 0.5)
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        again = rng.random(len(near)) < 0.3
        every = np.vstack([near, near[again], some_boxes(rng, int(rng.integers(0, most)))])
        strange = [f"class {index}" for index in rng.integers(0, classes + 1, len(every))]
        names = [*labels, *np.array(labels, dtype=object)[again], *strange][: len(every)]
        order = rng.permutation(len(every))
        scores = rng.integers(0, grid + 1, len(every)) / grid
        found.append(Detections.of(every[order], scores[order], [names[i] for i in order]))
    return truth_lists, found


def assert_same(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other, abs=EXACT)


def assert_all_the_same(truth_lists, found):
    evaluation, labels = oracle.evaluated(truth_lists, found)
    assert_same(astuple(summarize(box_arrays(truth_lists, found), strays=False)), oracle.twelve(evaluation))
    tables = match_images_at(truth_lists, found, COCO_IOUS)
    precisions, recalls = class_average_precisions(tables, strays=False), class_average_recalls(tables)
    assert list(precisions) == list(recalls) == labels
    assert_same(
        precisions.values(), [oracle.average_precision(evaluation, label=place) for place in range(len(labels))]
    )
    assert_same(recalls.values(), [oracle.average_recall(evaluation, place) for place in range(len(labels))])
    return evaluation


@pytest.mark.parametrize("seed", range(60))
def test_all_twelve_and_every_class(seed):
    assert_all_the_same(*made_up(seed, grid=(3, 20, 100_000)[seed % 3], flags=(0.0, 0.3, 0.9)[seed // 3 % 3]))


@pytest.mark.parametrize(("images", "classes", "most"), [(1, 1, 12), (60, 1, 3), (40, 30, 8), (3, 2, 40)])
def test_few_and_many_images_and_classes(images, classes, most):
    assert_all_the_same(*made_up(images, images, classes, most))


def test_beyond_a_hundred_detections_of_an_image_and_class():
    truth_lists, found = made_up(4, images=3, classes=1, most=200)
    assert max(map(len, found)) > 150
    assert_all_the_same(truth_lists, found)


def test_only_crowds_and_objects_to_ignore_are_no_data():
    truth_lists, found = made_up(5, flags=2.0)
    assert oracle.twelve(assert_all_the_same(truth_lists, found)) == [None] * 12


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_single_threshold(seed, threshold):
    truth_lists, found = made_up(100 + seed)
    evaluation, _ = oracle.evaluated(truth_lists, found, [threshold])
    ours = average_precision(match_images(truth_lists, found, threshold), strays=False)
    assert_same([ours], [oracle.average_precision(evaluation, 0)])


@pytest.mark.parametrize("cells", [1, 300, 10_000])
def test_the_sizes_of_blocks_and_batches_change_nothing(monkeypatch, cells):
    truth_lists, found = made_up(6, images=30)
    weights = np.random.default_rng(1).integers(0, 3, (30, 300)).astype(np.float32)

    def numbers():
        arrays = box_arrays(truth_lists, found)
        classes = ranked_classes(*match_arrays(arrays, COCO_IOUS)[0])
        return np.append(astuple(summarize(arrays)), weighted_average_precisions(classes, weights))

    whole = numbers()
    monkeypatch.setattr(greedy, "PAIRS_AT_ONCE", cells)
    monkeypatch.setattr(precision_curves, "CELLS_AT_ONCE", cells)
    assert np.isfinite(whole).all()
    assert numbers() == pytest.approx(whole, abs=1e-15)


@pytest.mark.parametrize("seed", range(8))
def test_weights_are_multiplicities_in_all_twelve(seed):
    truth_lists, found = made_up(200 + seed, grid=1_000_000)
    weights = np.random.default_rng(seed).integers(0, 4, len(found))
    places = np.repeat(np.arange(len(found)), weights)
    naive = summarize(box_arrays([truth_lists[i] for i in places], [found[i] for i in places]))
    assert_same(astuple(summarize(box_arrays(truth_lists, found), weights)), astuple(naive))


def test_by_hand_over_sizes(build):
    small, medium, alarm = (0.0, 0.0, 20.0, 20.0), (100.0, 0.0, 150.0, 50.0), (300.0, 0.0, 340.0, 40.0)
    known = [[GroundTruth(small, "phone"), GroundTruth(medium, "phone")]]
    found = [build.detections((alarm, 0.9, "phone"), (small, 0.8, "phone"), (medium, 0.8, "phone"))]
    result = summarize(box_arrays(known, found))
    assert (result.ap, result.ap50, result.ap75) == pytest.approx((2 / 3,) * 3)
    assert (result.ap_small, result.ap_medium, result.ap_large) == (pytest.approx(1), pytest.approx(1 / 2), None)
    assert (result.ar_1, result.ar_10, result.ar_100) == (0, 1, 1)
    assert (result.ar_small, result.ar_medium, result.ar_large) == (1, 1, None)


def test_recall_by_hand(build):
    """Two phones in one image, found with IoU 0.6 and 1."""
    known = [[GroundTruth((0.0, 0.0, 10.0, 10.0), "phone"), GroundTruth((50.0, 0.0, 60.0, 10.0), "phone")]]
    found = [build.detections(((0.0, 0.0, 10.0, 6.0), 0.9, "phone"), ((50.0, 0.0, 60.0, 10.0), 0.8, "phone"))]
    tables = match_images_at(known, found, (0.5, 0.75))
    assert average_recall(tables) == pytest.approx(3 / 4)
    assert average_recall(tables, 1) == pytest.approx(1 / 4)
    assert class_average_recalls(tables) == {"phone": pytest.approx(3 / 4)}
    assert average_recall(match_images_at([[]], found, (0.5,))) is None
    assert mean_average_precision(tables) == pytest.approx((1 + 50 / 101 * 0 + 51 * 0.5 / 101) / 2)
