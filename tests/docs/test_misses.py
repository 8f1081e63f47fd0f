"""The table of misses quotes what the expectations say, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_damover.domain.case import Expected, GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.expectations import evaluate_all

ROOT = Path(__file__).resolve().parents[2]
LEFT, RIGHT = (52.0, 61.0, 118.0, 190.0), (140.0, 80.0, 201.0, 187.0)
ASIDE = (141.0, 80.0, 200.0, 187.0)
MISSES = {
    "min_objects": (
        Expected(0.8, min_objects=1, max_objects=1, labels=("phone",)),
        [((20, 10, 60, 90), 0.62, "phone")],
        (GroundTruth((12.0, 10.0, 55.0, 92.0), "phone"),),
    ),
    "max_objects": (Expected(max_objects=1), [(RIGHT, 0.55, "phone"), (LEFT, 0.9, "phone")], None),
    "expected_boxes": (
        Expected(),
        [(LEFT, 0.9, "phone"), (ASIDE, 0.9, "remote")],
        (GroundTruth(LEFT, "phone"), GroundTruth(RIGHT, "phone")),
    ),
    "labels": (Expected(labels=("phone",)), [(ASIDE, 0.9, "remote")], None),
    "forbidden_regions": (Expected(forbidden_regions=((0, 0, 40, 40),)), [((0, 0, 20, 20), 0.9, "phone")], None),
    "no_duplicates": (Expected(no_duplicates=True), [(LEFT, 0.9, "phone"), ((50, 60, 118, 191), 0.8, "phone")], None),
}


@pytest.mark.parametrize("language", ["", ".zh-CN"])
def test_every_demand_is_quoted_as_it_is_told(language: str) -> None:
    text = (ROOT / f"docs/cases{language}.md").read_text(encoding="utf-8")
    quoted = dict(re.findall(r"^\| `(\w+)` \| `((?:expected|found) .*)` \|$", text, re.MULTILINE))
    assert quoted == {demand: told(demand) for demand in MISSES}


def told(demand: str) -> str:
    expected, found, truths = MISSES[demand]
    detections = Detections.of([one[0] for one in found], [one[1] for one in found], [one[2] for one in found])
    wanted = {field: getattr(expected, field) for field in Expected.__slots__} | {"expected_boxes": truths}
    outcomes = evaluate_all(Expected(**wanted), detections)
    kind = {"min_objects": "count", "max_objects": "count", "expected_boxes": "boxes"}.get(demand, demand)
    (message,) = [outcome.message for outcome in outcomes if outcome.kind == kind and not outcome.passed]
    return message
