"""The section on weak spots: what was tried, what was picked, what the other half said."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.scoring.resampling import Estimate
from pytest_damover.domain.slicing.discovery import Discovery, Suspect
from pytest_damover.report.views.weak_spots import weak_spots
from pytest_damover.report.words import words_in

EN, ZH = words_in("en"), words_in("zh")
LOST = Suspect(
    ("night", "brightness:dark"), 96, -0.12, Estimate(105, 254, 0.786, 0.611, -0.175, (-0.246, -0.102)), 0.002
)
OPEN = Suspect(("blur:soft",), 40, -0.03, Estimate(38, 50, 0.8, 0.79, -0.01, (-0.05, 0.03)), 0.31)
FEW = Suspect(("objects:many",), 25, -0.2, Estimate(3, 0, None, None, None), None)


def compared(*suspects: Suspect, limit: float = 0.0, tried: int = 47) -> Comparison:
    before, after = (Revision(name, name, "m", "local", None, (FileEntry("f", 1, name),)) for name in ("v1", "v2"))
    found = Discovery("phone", (245, 265), 20, tried, suspects, limit, 0.95)
    return Comparison(before, after, (), (), (), discoveries=(found,))


def test_each_suspect_is_told_with_what_both_halves_say() -> None:
    (table,) = weak_spots(compared(LOST, OPEN, FEW), EN)
    assert [row["slice"] for row in table["rows"]] == ["brightness:dark within night", "blur:soft", "objects:many"]
    assert [row["said_text"] for row in table["rows"]] == [
        "confirmed", "not confirmed", "too few images left to test it",
    ]  # fmt: skip
    assert [row["p"] for row in table["rows"]] == ["0.002", "0.310", "–"]
    lost, _, few = table["rows"]
    assert (lost["first"], lost["difference"], lost["interval"]) == ("−0.120", "−0.175", "−0.246 … −0.102")
    assert lost["low"] < lost["point"] < lost["high"] < table["zero"]
    assert (few["point"], few["difference"], few["baseline"]) == (None, "–", "–")


def test_how_many_were_tried_is_told_in_both_languages() -> None:
    for words in (EN, ZH):
        (table,) = weak_spots(compared(LOST, OPEN), words)
        assert {"47", "20", "245"} <= set(re.findall(r"\d+", table["told"]))
        assert {"2", "265"} <= set(re.findall(r"\d+", table["picked"]))


def test_nothing_picked_says_so() -> None:
    (table,) = weak_spots(compared(), EN)
    assert (table["rows"], table["picked"]) == ([], "None of them lost AP50, so none was picked.")


@pytest.mark.parametrize(("limit", "told"), [(0.0, "were 0,"), (-0.1, "were −0.100,")])
def test_the_limit_of_the_policy_is_what_it_was_tested_against(limit: float, told: str) -> None:
    (table,) = weak_spots(compared(LOST, limit=limit), EN)
    assert told in table["against"]
    assert (table["limit"] is None) is (limit == 0.0)


def test_a_small_p_is_not_told_as_nothing() -> None:
    tiny = Suspect(LOST.spot, 9, -0.1, LOST.tested, 0.0002)
    (table,) = weak_spots(compared(tiny), EN)
    assert table["rows"][0]["p"] == "< 0.001"


def test_it_is_on_the_page_of_a_run_with_two_sides(failing: Any) -> None:
    _, _, comparisons = failing
    assert all(one.discoveries for one in comparisons)
    assert all(weak_spots(one, ZH) for one in comparisons)
