"""The output contract: what a model may not answer, and what it may."""

import math

import numpy as np
import pytest

from pytest_damover.domain.detection import MAX_DETECTIONS, Detections, check_contract
from pytest_damover.domain.errors import Code, DamoverError

WIDTH_PX, HEIGHT_PX = 64, 48
BOX = [4.0, 4.0, 20.0, 28.0]
FAKE_MODELS = {
    "a box with NaN": ([[math.nan, 4, 20, 28]], [0.9], ["phone"]),
    "a box with infinity": ([[4, 4, math.inf, 28]], [0.9], ["phone"]),
    "a score that is NaN": ([BOX], [math.nan], ["phone"]),
    "a score over 1": ([BOX], [1.01], ["phone"]),
    "a score under 0": ([BOX], [-0.01], ["phone"]),
    "a box from right to left": ([[20, 4, 4, 28]], [0.9], ["phone"]),
    "a box without height": ([[4, 28, 20, 28]], [0.9], ["phone"]),
    "a box left of the image": ([[-9, 4, 20, 28]], [0.9], ["phone"]),
    "a box below the image": ([[4, 4, 20, HEIGHT_PX + 9]], [0.9], ["phone"]),
    "fewer scores than boxes": ([BOX, BOX], [0.9], ["phone", "phone"]),
    "more labels than boxes": ([BOX], [0.9], ["phone", "phone"]),
    "boxes of three numbers": ([[4, 4, 20]], [0.9], ["phone"]),
    "a label that is a number": ([BOX], [0.9], [1]),
    "more boxes than anyone needs": tuple([one] * (MAX_DETECTIONS + 1) for one in (BOX, 0.9, "phone")),
}


@pytest.mark.parametrize("fake", FAKE_MODELS)
def test_b6_an_output_that_breaks_the_contract_is_refused_by_code(fake):
    with pytest.raises(DamoverError) as refusal:
        check_contract(Detections.of(*FAKE_MODELS[fake]), WIDTH_PX, HEIGHT_PX)
    assert {fault.code for fault in refusal.value.faults} == {Code.DETECTIONS}


def test_b6_there_are_fourteen_fakes():
    assert len(FAKE_MODELS) == 14


@pytest.mark.parametrize("boxes", [[["a", 4, 20, 28]], [[None, 4, 20, {}]], [[10**400, 4, 20, 28]], [[4, 4], [4]]])
def test_b6_what_is_no_array_of_numbers_is_a_type_or_value_error(boxes):
    with pytest.raises((TypeError, ValueError)):
        Detections.of(boxes, [0.9] * len(boxes), ["phone"] * len(boxes))


@pytest.mark.parametrize(
    "output",
    [
        ([], [], []),
        (np.zeros((0, 4)), np.zeros(0), ()),
        ([BOX], [0.0], ["phone"]),
        ([BOX], [1], ["夜"]),
        (np.array([BOX], np.float32), np.array([0.9], np.float16), ["phone"]),
        ([[-1, -1, WIDTH_PX + 1, HEIGHT_PX + 1]], [0.9], ["phone"]),
    ],
)
def test_what_keeps_the_contract_comes_back_as_it_is(output):
    found = Detections.of(*output)
    assert check_contract(found, WIDTH_PX, HEIGHT_PX) is found
    assert (found.boxes.dtype, found.scores.dtype, found.boxes.shape[1:]) == (np.float64, np.float64, (4,))
