"""The section that follows more than two revisions: order, numbers, and where their marks stand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from pytest_damover.report import html
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.views.page import page
from pytest_damover.report.views.trend import Step, in_order
from pytest_damover.report.views.trend_plots import Point, bars, diverging, points
from pytest_damover.report.words import words_in

EN = words_in("en")


@pytest.fixture(scope="module")
def judged(make: Any) -> Any:
    """The baseline stands between its candidates by version, and was named last but one."""
    skills = {"v1.1.0": make.GOOD, "v2.0.0": make.BLIND_AT_NIGHT, "v1.0.0": make.BETTER}
    return make.judged(make.make_run(skills))


@pytest.fixture(scope="module")
def told(judged: Any) -> dict[str, Any]:
    trend: dict[str, Any] = page(*judged, no_pictures, EN)["trend"]
    return trend


def panel(told: dict[str, Any], title: str) -> dict[str, Any]:
    return next(one for one in told["suites"][0]["panels"] if one["title"] == title)


def test_two_revisions_have_no_trend(failing: Any) -> None:
    assert page(*failing, no_pictures, EN)["trend"] is None
    assert 'id="trend"' not in html.render(*failing, no_pictures, "en")


def test_versions_stand_in_their_order_and_the_baseline_is_marked(told: dict[str, Any]) -> None:
    rows = told["suites"][0]["rows"]
    assert [(row["name"], row["answer"]) for row in rows] == [("v1.0.0", "PASS"), ("v1.1.0", ""), ("v2.0.0", "FAIL")]
    assert told["order"] == "In the order of the versions."
    assert [row["address"] for row in rows] == ["c2-candidate", "", "c1-candidate"]


def test_names_that_are_no_versions_stay_as_they_were_asked_for(make: Any) -> None:
    steps = [Step(make.make_revision(name)) for name in ("v2.0.0", "master", "v1.0.0")]
    assert in_order(steps) == (False, steps)
    assert in_order([steps[0], steps[2]]) == (True, [steps[2], steps[0]])


def test_the_table_says_what_the_plots_show(told: dict[str, Any], judged: Any) -> None:
    _, _, comparisons = judged
    night = comparisons[0]
    whole = next(one for one in night.slices if one.slice is None and one.metric == "ap50")
    row = told["suites"][0]["rows"][2]
    assert row["aps"][0][0] == f"{whole.candidate:.3f}"
    low, high = (f"{abs(end):.3f}" for end in whole.interval)
    assert row["aps"][0][1] == f"−{abs(whole.difference):.3f} (−{low} … −{high})"
    marks = panel(told, "AP50")["marks"]
    assert [mark["text"] for mark in marks] == [one["aps"][0][0] for one in told["suites"][0]["rows"]]
    broken, fixed = row["objects"]
    assert [bar["text"] for bar in panel(told, "Objects fixed (+) and broken (−)")["bars"]][-2:] == [
        f"+{fixed}", f"−{broken}",
    ]  # fmt: skip
    assert told["suites"][0]["rows"][1]["objects"] is None
    assert row["latency"] == panel(told, "Latency ratio")["marks"][2]["text"]


def test_the_interval_of_the_difference_lies_around_the_candidates_own_value(judged: Any, told: dict[str, Any]) -> None:
    """The bar ends below the baseline's line when the whole interval of the difference is negative."""
    plot = panel(told, "AP50")
    worse = plot["marks"][2]
    assert worse["high"] > plot["base"]  # SVG counts downwards
    assert worse["high"] < worse["y"] < worse["low"]
    whole = next(one for one in judged[2][0].slices if one.slice is None)
    scale = (plot["base"] - worse["y"]) / (whole.baseline - whole.candidate)
    assert worse["low"] - worse["y"] == pytest.approx((whole.interval[0] - whole.difference) * scale, abs=0.2)


def test_a_value_that_is_no_number_has_no_mark() -> None:
    values = [Point("", 0.5), Point("FAIL", math.nan), Point("PASS", 0.75, 0.7, math.nan)]
    plot = points("AP50", values, ("a", "b", "c"), str, None)
    assert plot is not None
    assert [(mark["answer"], mark["has_interval"]) for mark in plot["marks"]] == [("", False), ("PASS", False)]
    assert plot["told"] == "a 0.5; b –; c 0.75"
    assert points("AP50", [Point("", 0.5), Point("ERROR", None)], ("a", "b"), str, None) is None


def test_bars_stand_on_zero_and_are_as_long_as_their_numbers() -> None:
    plot = diverging("objects", [None, (10, 30), (20, 0)], ("a", "b", "c"))
    assert plot is not None
    heights = {(bar["middle"], bar["kind"]): bar["height"] for bar in plot["bars"]}
    (up, down), (none, twice) = (
        [heights[middle, kind] for kind in ("fixed", "broken")] for middle in sorted({at for at, _ in heights})
    )
    assert (up / down, twice / down, none) == (pytest.approx(3, abs=0.1), pytest.approx(2, abs=0.1), 0)
    assert plot["told"] == "a –; b +30 −10; c +0 −20"
    assert diverging("objects", [None, None], ("a", "b")) is None
    sizes = bars("size", [1.0, 2.0], ("a", "b"), str)
    assert sizes is not None
    assert sizes["bars"][1]["height"] == pytest.approx(2 * sizes["bars"][0]["height"], abs=0.2)


def test_long_names_give_way_to_the_numbers_of_the_table() -> None:
    names = [f"release-candidate-of-the-year-{number}" for number in range(12)]
    plot = bars("size", [1.0] * 12, names, lambda _: "12.34 MB")
    assert plot is not None
    assert [name["text"] for name in plot["names"]] == [str(number) for number in range(1, 13)]
    assert plot["with_numbers"] is False
    assert "release-candidate-of-the-year-3 12.34 MB" in plot["told"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_it_before_the_candidates(judged: Any, lang: str) -> None:
    text = html.render(*judged, no_pictures, lang)
    assert text.index('id="trend"') < text.index('id="c1-candidate"')
    assert words_in(lang)("section.trend") in text
    assert text.count("<figure><figcaption>") == 5


def test_identical_bytes_have_dashes_and_no_marks(make: Any) -> None:
    run = make.make_run({"v1": make.GOOD, "v2": make.BETTER, "v3": make.GOOD}, count=30)
    twin = replace(run.plan.candidates[1], files=run.plan.baseline.files)
    run = replace(run, plan=replace(run.plan, candidates=(run.plan.candidates[0], twin)))
    row = page(*make.judged(run), no_pictures, EN)["trend"]["suites"][0]["rows"][2]
    assert (row["aps"], row["objects"], row["cases"], row["latency"]) == ([("–", "")], None, None, "–")
