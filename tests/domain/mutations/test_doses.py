"""What single mutations do, by hand."""

import numpy as np
import pytest

from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Context, registry

BY_NAME = {mutation.name: mutation for mutation in registry()}
BOX = [100.0, 50.0, 180.0, 90.0]
FOUND = Detections.of([BOX], [0.8], ["phone"])
DAY = Context(320, 240, ("day",), ("phone",))
NIGHT = Context(320, 240, ("night",), ("phone",))


def mutated(name, found=FOUND, context=DAY):
    return BY_NAME[name].mutate(found, context, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("boxes_not_rescaled", [200, 100, 320, 180]),
        ("letterbox_kept", [100, 90, 180, 130]),
        ("tenth_too_large", [110, 55, 198, 99]),
        ("axes_swapped", [50, 100, 90, 180]),
        ("centre_as_corner", [140, 70, 220, 110]),
        ("half_stride_shift", [84, 34, 164, 74]),
        ("cell_corner", [92, 42, 172, 82]),
        ("fine_stride_shift", [104, 54, 184, 94]),
        ("half_pixel_shift", [100.5, 50.5, 180.5, 90.5]),
        ("loose_boxes", [92, 46, 188, 94]),
    ],
)
def test_where_the_box_lands(name, box):
    assert np.allclose(mutated(name).boxes, [box])


def test_the_dark_is_told_from_the_day():
    assert len(mutated("night_blind", context=NIGHT)) == 0
    assert len(mutated("night_blind", context=DAY)) == 1
    many = Detections.of([BOX] * 1000, [0.8] * 1000, ["phone"] * 1000)
    assert 650 < len(mutated("night_dim", many, NIGHT)) < 750
    assert len(mutated("night_dim", many, DAY)) == 1000


def test_names_move_on_by_one():
    found = Detections.of([BOX] * 3, [0.5] * 3, ["cup", "phone", "never seen"])
    names = mutated("class_map_permuted", found, Context(320, 240, (), ("cup", "phone"))).labels
    assert names == ("phone", "class-beyond-the-map", "class-beyond-the-map")


def test_two_copies_with_less_score_are_close_enough_to_be_taken_for_the_object():
    found = mutated("duplicates")
    assert found.boxes.tolist() == [BOX, [110, 50, 190, 90], [100, 55, 180, 95]]
    assert found.scores == pytest.approx([0.8, 0.76, 0.72])


def test_of_two_that_touch_the_better_stays():
    touching = Detections.of([BOX, [150, 50, 230, 90], [250, 50, 300, 90]], [0.6, 0.9, 0.1], ["phone"] * 3)
    assert mutated("neighbours_suppressed", touching).scores.tolist() == [0.9, 0.1]


def test_scores_move_by_the_sigmoid_and_keep_their_ranks():
    found = Detections.of([BOX] * 3, [0.0, 0.4054651, 1.0], ["phone"] * 3)
    assert mutated("sigmoid_twice", found).scores == pytest.approx([0.5, 0.6, 0.731], abs=1e-3)


def test_small_is_below_32_by_32():
    found = Detections.of([[0, 0, 32, 32], [0, 0, 31, 33]], [0.5, 0.5], ["phone"] * 2)
    assert mutated("small_lost", found).boxes.tolist() == [[0, 0, 32, 32]]


@pytest.mark.parametrize(("name", "share"), [("ghost", 0.5), ("ghost_in_ten", 0.1)])
def test_false_alarms_are_as_frequent_as_the_module_says(name, share):
    rng = np.random.default_rng(0)
    told = [len(BY_NAME[name].mutate(FOUND, DAY, rng)) == 2 for _ in range(2000)]
    assert np.mean(told) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(("name", "share"), [("one_in_ten_lost", 0.1), ("one_in_thirty_lost", 1 / 30)])
def test_losses_are_as_frequent_as_the_module_says(name, share):
    many = Detections.of([BOX] * 5000, [0.8] * 5000, ["phone"] * 5000)
    assert 1 - len(mutated(name, many)) / 5000 == pytest.approx(share, abs=0.01)


def test_blocks_of_a_coarse_picture_are_their_mean_and_the_rest_stays():
    pixels = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    coarse = BY_NAME["coarse"].mutate_image(pixels, np.random.default_rng(0))
    assert coarse[:4, :, 0].tolist() == [[22] * 4] * 4
    assert np.array_equal(coarse[4], pixels[4])
