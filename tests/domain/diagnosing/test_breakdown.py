"""AP and AR by class and by size, worked by hand and held against the functions they are made of."""

import numpy as np
import pytest

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.diagnosing.breakdown import Part, break_down
from pytest_damover.domain.scoring.box_arrays import box_arrays
from pytest_damover.domain.scoring.coco_summary import summarize

SMALL, MEDIUM, ELSEWHERE = (10.0, 10.0, 30.0, 30.0), (100.0, 100.0, 150.0, 150.0), (300.0, 300.0, 350.0, 350.0)


def arrays_of(truths, found):
    boxes = np.array([box for box, _, _ in found], dtype=float).reshape(-1, 4)
    detections = Detections(boxes, np.array([score for _, score, _ in found]), tuple(label for *_, label in found))
    return box_arrays([[GroundTruth(box, label) for box, label in truths]], [detections])


def numbers(part):
    return part.ap50, part.ap, part.ar


def test_the_example_of_the_module_by_hand():
    told = break_down(arrays_of([(SMALL, "phone"), (MEDIUM, "cup")], [(SMALL, 0.8, "phone"), (ELSEWHERE, 0.9, "cup")]))
    assert [(label, part.objects) for label, part in told.classes.items()] == [("cup", 1), ("phone", 1)]
    assert numbers(told.classes["cup"]) == (0, 0, 0)
    assert numbers(told.classes["phone"]) == pytest.approx((1, 1, 1))
    assert numbers(told.whole) == pytest.approx((0.5, 0.5, 0.5))
    assert numbers(told.sizes["small"]) == pytest.approx((1, 1, 1))
    assert numbers(told.sizes["medium"]) == (0, 0, 0)
    assert told.sizes["large"] == Part(0, None, None, None)


def test_a_class_without_an_object_has_no_row_and_no_object_has_no_number():
    told = break_down(arrays_of([], [(SMALL, 0.8, "phone")]))
    assert (told.classes, told.whole) == ({}, Part(0, None, None, None))


def test_ten_ious_are_told_apart_from_one():
    """Found with IoU 0.8: at 7 of the 10 thresholds, so AP50:95 and AR are 0.7."""
    told = break_down(arrays_of([(SMALL, "phone")], [((10.0, 10.0, 30.0, 26.0), 0.8, "phone")]))
    assert told.whole.ap50 == pytest.approx(1)
    assert (told.whole.ap, told.whole.ar) == (pytest.approx(0.7), pytest.approx(0.7))


def test_it_is_cocos_summary():
    draw = np.random.default_rng(3)
    truths, found = [], []
    for _ in range(40):
        corner, side = draw.uniform(0, 300, 2), draw.uniform(8, 160)
        box = (*corner, *(corner + side))
        truths.append((tuple(map(float, box)), f"c{draw.integers(3)}"))
        found.append((tuple(float(edge) + 3 for edge in box), float(draw.random()), f"c{draw.integers(3)}"))
    arrays = arrays_of(truths, found)
    told, coco = break_down(arrays), summarize(arrays)
    assert (told.whole.ap50, told.whole.ap, told.whole.ar) == (coco.ap50, coco.ap, coco.ar_100)
    assert [part.ap for part in told.sizes.values()] == [coco.ap_small, coco.ap_medium, coco.ap_large]
    assert [part.ar for part in told.sizes.values()] == [coco.ar_small, coco.ar_medium, coco.ar_large]
    assert sum(part.objects for part in told.classes.values()) == told.whole.objects == 40
