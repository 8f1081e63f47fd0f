import math
from dataclasses import fields
from pathlib import Path

import pytest

from pytest_damover.domain import expectations
from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.expectations import evaluate_all, registry

EVERYTHING = Expected(
    min_objects=0,
    max_objects=9,
    labels=("phone",),
    forbidden_regions=((200.0, 200.0, 300.0, 300.0),),
    no_duplicates=True,
    expected_boxes=(GroundTruth((10.0, 10.0, 50.0, 90.0), "phone"),),
)


def test_the_folder_is_the_registry():
    files = {path.stem for path in Path(expectations.__file__).parent.glob("*.py")} - {"__init__"}
    assert {kind for kind, _ in registry()} == files


def test_every_kind_reads_known_fields_and_every_demand_is_read():
    read = {name for _, module in registry() for name in module.READS}
    demands = {field.name for field in fields(Expected)} - {"confidence_threshold", "iou_threshold"}
    assert read == demands


def test_every_kind_has_its_test():
    here = Path(__file__).parent
    assert {kind for kind, _ in registry()} <= {path.stem.removeprefix("test_") for path in here.glob("test_*.py")}


def test_only_what_was_demanded_is_evaluated(build):
    found = build.detections((build.PHONE, 0.9, "phone"))
    assert [outcome.kind for outcome in evaluate_all(Expected(min_objects=1), found)] == ["count"]
    assert {outcome.kind for outcome in evaluate_all(EVERYTHING, found)} == {kind for kind, _ in registry()}
    assert all(outcome.passed for outcome in evaluate_all(EVERYTHING, found))
    assert evaluate_all(Expected(), EMPTY) == ()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nan_and_infinity_meet_no_demand(build, bad):
    for found in (
        build.detections((build.PHONE, bad, "phone")),
        build.detections(([10.0, 10.0, bad, 90.0], 0.9, "phone")),
    ):
        outcomes = evaluate_all(EVERYTHING, found)
        assert len(outcomes) == len(registry())
        assert not any(outcome.passed for outcome in outcomes)
