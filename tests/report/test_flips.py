"""The section on objects: counts that add up, each lost object by name, the same in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_damover.domain.case import Case, case_from_data
from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.comparing.flips import ComparedImage, find_flips
from pytest_damover.domain.detection import EMPTY, Detections
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.report.views.flips import flips_view, told_in_short
from pytest_damover.report.words import words_in

EN, ZH = words_in("en"), words_in("zh")
BEFORE, AFTER = (Revision(name, name, "m", "local", None, (FileEntry("f", 1, name),)) for name in ("v1", "v2"))
A, B, WALL = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (60.0, 60.0, 70.0, 70.0)


def case(name: str, severity: str) -> Case:
    truths = [{"box": list(box), "label": label} for box, label in ((A, "phone"), (B, "cup"))]
    data = {"name": name, "image_path": "a.jpg", "severity": severity, "slices": ["day"]}
    return case_from_data({**data, "expected": {"expected_boxes": truths}}, "phone", "a.json", "0")


def found(*boxes: tuple[Any, float, str]) -> Detections:
    return Detections.of([box for box, _, _ in boxes], [score for _, score, _ in boxes], [name for *_, name in boxes])


@pytest.fixture
def comparison() -> Comparison:
    """Two cases of a phone and a cup: a cup called phone, a phone too faint, a fixed cup, a new box on the wall."""
    both = found((A, 0.9, "phone"), (B, 0.8, "cup"))
    images = [
        ComparedImage(case("a", "minor"), ("day",), both, found((A, 0.31, "phone"), (B, 0.7, "phone"))),
        ComparedImage(case("b", "critical"), ("day",), found((A, 0.9, "phone")), both),
        ComparedImage(case("c", "critical"), ("day",), both, found((B, 0.8, "cup"), (WALL, 0.6, "cup"))),
        ComparedImage(case("d", "major"), (), None, both),
        ComparedImage(case("e", "major"), (), EMPTY, EMPTY),
    ]
    flips = (find_flips("phone", images),)
    return Comparison(BEFORE, AFTER, (), (), (), flips=flips)


def view(comparison: Comparison, words: Any = EN) -> dict[str, Any]:
    shown = flips_view(comparison, {("phone", "c"): "case-1"}, words)
    assert shown is not None
    return shown


def test_every_object_is_counted_once_and_in_each_of_its_groups(comparison: Comparison) -> None:
    shown = view(comparison)
    assert shown["counts"] == {"kept": 2, "broken": 3, "fixed": 1, "never": 2}
    assert (shown["total"], shown["unreadable"]) == (8, 1)
    assert shown["boxes"] == {"gone": 0, "new": 2, "stayed": 0}
    groups = {group["kind"]: {row["name"]: row["broken"] for row in group["rows"]} for group in shown["groups"]}
    assert groups["severity"] == {"critical": 1, "major": 0, "minor": 2}
    assert groups["label"] == {"cup": 1, "phone": 2}
    assert groups["slice"] == {"day": 3}
    assert sum(n for _, n in shown["misses"]) == 3


def test_the_lost_stand_worst_first_and_say_how(comparison: Comparison) -> None:
    broken, fixed = view(comparison)["lists"]
    assert [(row["case"], row["object"], row["link"]) for row in broken["rows"]] == [
        ("c", "phone [0 0 10 10]", "case-1"),
        ("a", "cup [20 0 30 10]", ""),
        ("a", "phone [0 0 10 10]", ""),
    ]
    assert [row["candidate"] for row in broken["rows"]] == ["nothing there", "phone 0.70, IoU 1.00", "0.31, below 0.50"]
    assert [(row["case"], row["candidate"]) for row in fixed["rows"]] == [("b", "0.80, IoU 1.00")]
    assert view(comparison, ZH)["lists"][0]["rows"][0]["candidate"] == "原处没有框"


def test_one_line_tells_all_counts(comparison: Comparison) -> None:
    told = "2 kept, 3 broken, 1 fixed, 2 never found; boxes without an object: 0 gone, 2 new, 0 kept"
    assert told_in_short(comparison, EN) == view(comparison)["told"] == told


def test_without_a_baseline_there_is_no_section(comparison: Comparison) -> None:
    alone = replace(comparison, flips=())
    assert (flips_view(alone, {}, EN), told_in_short(alone, EN)) == (None, "")


def test_what_an_image_shows_stands_apart_from_the_slices_of_its_case(comparison: Comparison) -> None:
    shown = view(comparison)
    assert shown["free"] is None or "day" not in {row["name"] for row in shown["free"]["rows"]}
    freed = replace(
        comparison,
        flips=tuple(
            replace(one, objects=tuple(replace(flip, slices=(*flip.slices, "brightness:dark")) for flip in one.objects))
            for one in comparison.flips
        ),
    )
    told = view(freed)
    assert [(row["name"], row["broken"]) for row in told["free"]["rows"]] == [("brightness:dark", 3)]
    assert [group["kind"] for group in told["groups"]] == ["severity", "label", "slice"]
