"""The committed pictures and cases of the demo suite belong together."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

SUITE = Path(__file__).resolve().parents[2] / "suites" / "phone"
CLASSIC = ("single_phone", "multiple_phones", "no_phone")
RENDERED_KEYS = {"name", "image_path", "image_sha256", "severity", "slices", "expected", "created_at"}


def read_cases() -> list[dict[str, Any]]:
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SUITE.glob("cases/*.json"))]
    lines = (SUITE / "cases" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return cases + [json.loads(line) for line in lines]


CASES = read_cases()
RENDERED = [case for case in CASES if case["name"] not in CLASSIC]


def test_there_are_enough_cases_in_every_slice() -> None:
    slices = Counter(name for case in RENDERED for name in case["slices"])
    assert len(RENDERED) >= 200
    assert all(slices[name] >= 50 for name in ("day", "night", "small", "occluded", "crowd", "none"))
    assert slices["day"] + slices["night"] == len(RENDERED)


def test_names_are_unique() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_pictures_are_the_ones_the_cases_were_made_for() -> None:
    for case in RENDERED:
        assert sha256((SUITE / case["image_path"]).read_bytes()).hexdigest() == case["image_sha256"], case["name"]


def test_every_picture_has_a_case() -> None:
    pictures = {path.relative_to(SUITE).as_posix() for path in SUITE.glob("*images/*.jpg")}
    assert pictures == {case["image_path"] for case in CASES}


def test_rendered_cases_are_whole() -> None:
    for case in RENDERED:
        assert set(case) == RENDERED_KEYS
        assert case["severity"] in ("critical", "major", "minor")
        expected = case["expected"]
        count = len(expected["expected_boxes"])
        assert expected["min_objects"] == expected["max_objects"] == count
        assert (count == 0) == ("none" in case["slices"])


@pytest.mark.parametrize("name", CLASSIC)
def test_classic_cases_keep_the_older_form(name: str) -> None:
    case = json.loads((SUITE / "cases" / f"{name}.json").read_text(encoding="utf-8"))
    assert list(case) == ["name", "image_path", "expected", "created_at"]
    assert list(case["expected"]) == ["min_objects", "max_objects", "confidence_threshold"]
    assert case["image_path"] == f"test_images/{name}.jpg"


def test_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in SUITE.glob("*images/*.jpg")) < 8_000_000
