"""Equal is equal to the last bit, and of nothing nothing is proven."""

import numpy as np
import pytest

from pytest_damover.convert import prove
from pytest_damover.convert._pictures import generated_images
from pytest_damover.convert._proof import MAX_FAULTS, Proof
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import Image

from .conftest import PHONE, Answering

IMAGES = tuple(Image(f"images/{index}.png") for index in range(8))


def changed(boxes=PHONE.boxes, scores=PHONE.scores, labels=PHONE.labels):
    return Detections(np.array(boxes), np.array(scores), tuple(labels))


def test_images_and_detections_are_counted():
    assert prove(Answering(), Answering(), IMAGES) == Proof(images=8, detections=16)


def test_both_see_every_image_in_turn():
    original, twin = Answering(), Answering()
    prove(original, twin, IMAGES)
    assert original.seen == twin.seen == [image.key for image in IMAGES]


@pytest.mark.parametrize("images", [(), IMAGES])
def test_of_nothing_nothing_is_proven(images):
    with pytest.raises(DamoverError, match="which proves nothing") as refusal:
        prove(Answering(EMPTY), Answering(EMPTY), images)
    assert refusal.value.faults[0].code is Code.DETECTIONS


@pytest.mark.parametrize(
    ("twin", "match"),
    [
        (changed(scores=[0.9, np.nextafter(0.5, 1)]), r"0\.5000000000000001 .*at 0\.5, at most 1\.11e-16 apart"),
        (changed(boxes=np.add(PHONE.boxes, [[0, 0, 0.001, 0], [0, 0, 0, 0]])), r"box 0 \(1\.0, 2\.0, 30\.001, 40\.0\)"),
        (changed(labels=("phone", "tablet")), "box 1 is 'tablet' instead of 'phone'"),
        (PHONE.at_least(0.6), "1 detections instead of 2"),
        (EMPTY, "0 detections instead of 2"),
        (changed(scores=[float("nan"), 0.5]), "box 0 .* at nan"),
        (changed(PHONE.boxes[::-1], PHONE.scores[::-1]), "box 0"),
    ],
)  # fmt: skip
def test_every_difference_is_told_with_image_box_and_size(twin, match):
    with pytest.raises(DamoverError, match=match) as refusal:
        prove(Answering(), Answering(twin), IMAGES[:1])
    (fault,) = refusal.value.faults
    assert (fault.code, fault.where) == (Code.DETECTIONS, "images/0.png")


def test_more_detections_in_the_twin_are_a_difference_too():
    with pytest.raises(DamoverError, match="2 detections instead of 0"):
        prove(Answering(EMPTY), Answering(), IMAGES)


def test_a_few_images_that_differ_are_enough():
    twin = Answering(EMPTY)
    with pytest.raises(DamoverError) as refusal:
        prove(Answering(), twin, IMAGES)
    assert len(refusal.value.faults) == len(twin.seen) == MAX_FAULTS


def test_generated_pictures_are_the_same_every_time_and_of_many_sizes():
    first, second = generated_images(), generated_images()
    assert [(image.key, image.sha256) for image in first] == [(image.key, image.sha256) for image in second]
    assert len({image.sha256 for image in first}) == len(first)
    assert (1, 1) in {(image.width_px, image.height_px) for image in first}
    assert any(image.width_px % 32 and image.height_px % 32 and image.width_px > 100 for image in first)
