"""What a child may say of a call: it fits together, or it is refused."""

import numpy as np
import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.runners import _answers

TAKEN = {"preprocess": 10, "forward": 70, "postprocess": 20}


def payload(*counts):
    parts = [
        np.concatenate([np.full(4 * count, place, "<f8"), np.full(count, place / 10, "<f8")])
        for place, count in enumerate(counts)
    ]
    return np.concatenate(parts).tobytes()


@pytest.mark.parametrize("counts", [(2, 1), (0, 2), (2, 0), (0, 0), (1, 0, 3)])
def test_a_batch_is_taken_apart_as_it_was_put_together(counts):
    header = {"counts": list(counts), "labels": ["phone"] * sum(counts)}
    found = _answers.several(header, payload(*counts), len(counts), "v1")
    assert [len(one) for one in found] == list(counts)
    for place, one in enumerate(found):
        assert set(one.scores) <= {place / 10}
        assert set(one.boxes.reshape(-1)) <= {place}


@pytest.mark.parametrize(
    "header",
    [
        {"counts": [1, 1], "labels": ["a"]},
        {"counts": [1, 2], "labels": ["a"] * 4},
        {"counts": [3], "labels": ["a"] * 3},
        {"counts": [4, -1], "labels": ["a"] * 3},
        {"counts": [True, 2], "labels": ["a"] * 3},
        {"counts": [1.0, 2], "labels": ["a"] * 3},
        {"counts": [1, 2], "labels": ["a", "b", 3]},
        {"counts": [1, 2], "labels": "abc"},
        {"counts": None, "labels": []},
        {"labels": []},
    ],
)
def test_a_batch_that_does_not_fit_together_is_refused(header):
    with pytest.raises(DamoverError) as refused:
        _answers.several(header, payload(1, 2), 2, "v1")
    assert refused.value.faults[0].code is Code.DETECTIONS


@pytest.mark.parametrize("more", [b"", b"\0" * 8, b"\0" * 40])
def test_a_batch_with_a_payload_too_short_or_too_long_is_refused(more):
    header = {"counts": [1, 2], "labels": ["a"] * 3}
    data = payload(1, 2)
    with pytest.raises(DamoverError):
        _answers.several(header, data + more if more else data[:-8], 2, "v1")


def test_phases_that_add_up_are_told_in_order_and_none_is_fine():
    said = {"forward_device": 69, **dict(reversed(TAKEN.items()))}
    told = _answers.phases_in({"phases": said}, 100, "v1")
    assert list(told.items()) == [("preprocess", 10), ("forward", 70), ("forward_device", 69), ("postprocess", 20)]
    assert _answers.phases_in({}, 100, "v1") == _answers.phases_in({"phases": {}}, 100, "v1") == {}


@pytest.mark.parametrize(
    "told",
    [
        {"forward": 100},
        {**TAKEN, "forward": 71},
        {**TAKEN, "forward": -1},
        {**TAKEN, "forward": 70.0},
        {**TAKEN, "forward": True},
        {**TAKEN, "lunch": 1},
        [70],
        "70",
        None,
    ],
)
def test_phases_of_any_other_form_are_refused(told):
    with pytest.raises(DamoverError) as refused:
        _answers.phases_in({"phases": told}, 100, "v1")
    assert refused.value.faults[0].code is Code.RUNNER
