"""Free slices: every image is in one bin of each scale that can be known, and nothing takes their names."""

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pytest_damover
from pytest_damover import documents
from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.errors import Code
from pytest_damover.domain.slicing.free_slices import (
    FREE_SLICES,
    OF_PIXELS,
    SCALES,
    free_slices,
    may_be_in,
    slice_names,
)
from pytest_damover.domain.slicing.image_properties import ImageProperties

AMOUNTS = st.floats(0, 1e9)


def boxes(*sides):
    return tuple(GroundTruth((0.0, 0.0, side, side), "phone") for side in sides)


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ((0, 0, 0), ("brightness:dark", "contrast:low", "blur:blurred")),
        ((63.9, 31.9, 99.9), ("brightness:dark", "contrast:low", "blur:blurred")),
        ((64, 32, 100), ("brightness:dim", "contrast:medium", "blur:soft")),
        ((128, 64, 1000), ("brightness:bright", "contrast:high", "blur:sharp")),
        ((192, 127, 99999), ("brightness:glaring", "contrast:high", "blur:sharp")),
    ],
)
def test_pixels(properties, names):
    assert free_slices(None, ImageProperties(*properties)) == names


@pytest.mark.parametrize(
    ("sides", "names"),
    [
        ((), ("objects:none",)),
        ((31,), ("smallest_object:small", "objects:one")),
        ((32, 500), ("smallest_object:medium", "objects:few")),
        ((96,) * 4, ("smallest_object:large", "objects:few")),
        ((96,) * 4 + (95,), ("smallest_object:medium", "objects:many")),
    ],
)
def test_objects(sides, names):
    assert free_slices(boxes(*sides), None) == names


def test_crowds_and_objects_to_ignore_are_no_objects():
    tiny = (0.0, 0.0, 1.0, 1.0)
    aside = (GroundTruth(tiny, "phone", crowd=True), GroundTruth(tiny, "phone", ignore=True))
    assert free_slices((*aside, *boxes(32)), None) == ("smallest_object:medium", "objects:one")
    assert free_slices(aside, None) == ("objects:none",)


def test_what_is_not_known_is_in_no_slice():
    assert free_slices(None, None) == ()


@given(st.builds(ImageProperties, AMOUNTS, AMOUNTS, AMOUNTS), st.lists(st.floats(1, 1e5), min_size=1, max_size=9))
def test_an_image_is_in_one_bin_of_each_scale(properties, sides):
    names = free_slices(boxes(*sides), properties)
    assert [sum(name in scale.slices for name in names) for scale in SCALES] == [1] * len(SCALES)
    assert set(names) <= set(FREE_SLICES)


def test_all_names_of_a_case(build):
    case = build.case("a", ["night", "till"])
    assert slice_names(case, None) == ("night", "till", "smallest_object:medium", "objects:one")


def test_a_slice_of_pixels_may_be_anywhere_until_they_are_measured():
    assert may_be_in("brightness:dark", ("objects:one",))
    assert not may_be_in("brightness:dark", ("brightness:dim", "objects:one"))
    assert not may_be_in("objects:many", ("objects:one",))
    assert may_be_in("objects:one", ("objects:one",))
    assert not may_be_in("objects:one", ())


def test_there_is_a_bin_more_than_edges_and_they_rise():
    for scale in SCALES:
        assert len(scale.bins) == len(scale.edges) + 1
        assert list(scale.edges) == sorted(set(scale.edges))
    assert len(set(FREE_SLICES)) == len(FREE_SLICES) == 17


@pytest.mark.parametrize("name", [*FREE_SLICES, "brightness:purple"])
def test_a_case_cannot_take_the_name_of_a_free_slice(name):
    data = {"name": "a", "image_path": "a.png", "slices": [name], "expected": {"min_objects": 1}}
    assert [fault.where for fault in documents.schema_faults(data, "case", "a.json", Code.DOCUMENT)] == [
        "a.json: $.slices[0]"
    ]
    assert not documents.schema_faults({**data, "slices": ["bright", "till:7"]}, "case", "a.json", Code.DOCUMENT)


def test_the_schema_refuses_the_prefix_of_every_scale():
    schema = json.loads((Path(pytest_damover.__file__).parent / "schemas/case.schema.json").read_text())
    pattern = schema["properties"]["slices"]["items"]["pattern"]
    assert [scale.name for scale in SCALES] == re.search(r"\(\?:([a-z_|]+)\)", pattern)[1].split("|")


@pytest.mark.parametrize(
    ("name", "known"), [*((name, True) for name in FREE_SLICES), ("night", True), ("brightness:purple", False)]
)
def test_a_policy_names_free_slices_that_there_are(name, known):
    evidence = {"min_cases": 1, "min_images": 1, "min_objects": 1, "min_slice_images": 1}
    policy = {"schema": 1, "evidence": evidence, "ap50": {"slices": {name: 0.1}}}
    faults = documents.schema_faults(policy, "policy", "gate.toml", Code.POLICY)
    assert (faults == ()) is known
    assert known or "brightness:purple" in str(faults[0])
    assert known or "brightness:dark|dim|bright|glaring, " in str(faults[0])


@pytest.mark.parametrize("data", [[1, 2], [1, 2, 3, 4], "123", [1, 2, "3"], [1, 2, True], [1, 2, math.nan], [1, 2, -1]])
def test_what_is_no_three_amounts_is_refused(data):
    with pytest.raises((TypeError, ValueError)):
        ImageProperties.from_json(data)


def test_properties_come_back_as_they_were():
    known = ImageProperties(12.5, 48.4123, 170_000)
    assert ImageProperties.from_json(json.loads(json.dumps(known))) == known
    assert ImageProperties.from_json(None) is None
    assert [scale.name for scale in OF_PIXELS] == list(known._fields)
