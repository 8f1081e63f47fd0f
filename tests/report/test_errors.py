"""The section that says which errors were made: numbers in text, places in the drawings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_damover.domain.comparing.measured import Cut
from pytest_damover.domain.diagnosing.breakdown import Breakdown, Part
from pytest_damover.domain.diagnosing.calibration import Calibration, CalibrationBin
from pytest_damover.domain.diagnosing.confusion import Confusion
from pytest_damover.domain.diagnosing.diagnosis import SideDiagnosis, SuiteDiagnosis
from pytest_damover.domain.diagnosing.score_histogram import ScoreHistogram
from pytest_damover.domain.diagnosing.tide import KINDS, ErrorKind, Tide
from pytest_damover.domain.scoring.operating import OperatingPoint
from pytest_damover.report import html, markdown
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.views.errors import error_views
from pytest_damover.report.words import words_in

EN, ZH = words_in("en"), words_in("zh")


def side(name: str, location: float | None, found: int, cut: Cut) -> SideDiagnosis:
    gains: dict[ErrorKind, float | None] = {**dict.fromkeys(KINDS, 0.0), ErrorKind.LOCATION: location}
    working = OperatingPoint(0.5, found, found + 10, 100)
    return SideDiagnosis(
        revision=name,
        cut=cut,
        ap50_native=0.9,
        ap50_shared=0.85,
        tide=Tide(0.9, {**dict.fromkeys(KINDS, 0), ErrorKind.LOCATION: 1234}, gains),
        confusion=Confusion(("phone",), ((found, 100 - found), (10, 0))),
        calibration=Calibration(0.1, (CalibrationBin(0.8, 0.9, 10, 0.85, 0.75),)),
        working=working,
        native=OperatingPoint(0.0, 95, 500, 100),
        shared=OperatingPoint(0.1, 94, 400, 100),
        best_f1=OperatingPoint(0.42, 88, 100, 100),
        curve=(OperatingPoint(0.9, 50, 50, 100), OperatingPoint(0.1, 100, 200, 100)),
        scores=ScoreHistogram((0, found), (1000, 1)),
        breakdown=Breakdown(
            Part(100, 0.9, 0.6, found / 100),
            {"phone": Part(100, 0.9, found / 200, 0.7)},
            {"small": Part(60, 0.8, 0.5, 0.6), "medium": Part(40, 1.0, 0.75, 0.8), "large": Part(0, None, None, None)},
        ),
    )


BEFORE = side("v1", 0.05, 90, Cut(0.05, True))
AFTER = side("v2", 0.2, 80, Cut(0.1, False))
RESTORING = OperatingPoint(0.31, 90, 120, 100)
TOLD = SuiteDiagnosis("phone", 1000, 100, 0, 0.5, 0.1, BEFORE, AFTER, RESTORING)


def view(told: SuiteDiagnosis = TOLD, words: Any = EN) -> dict[str, Any]:
    (one,) = error_views([told], words)
    return one


def test_every_point_names_its_threshold_and_only_two_have_an_ap50() -> None:
    rows = {row["name"]: row for row in view()["points"]}
    assert {name: (row["threshold"], row["ap50"]) for name, row in rows.items()} == {
        "as the cases count": ("0.50", ""),
        "everything that is reported": ("0.05 → ≤ 0.10", "0.900 → 0.900"),
        "what both sides report": ("0.10", "0.850 → 0.850"),
        "best F1": ("0.420", ""),
        "baseline's recall reached": ("– → 0.310", ""),
    }
    working = rows["as the cases count"]
    assert (working["precision"], working["recall"]) == ("0.900 → 0.889", "0.900 → 0.800")
    assert view()["unknown"] == [EN("errors.cut_unknown", revision="v2")]


def test_the_restoring_threshold_is_told_in_a_sentence() -> None:
    assert view()["restoring"] == (
        "Counted from 0.310 instead of 0.50, the candidate would find as much as the baseline (recall 0.900), "
        "at a precision of 0.750."
    )
    assert "由 0.50 调整为 0.310" in view(words=ZH)["restoring"]


def test_that_there_is_none_is_said_too() -> None:
    assert view(replace(TOLD, restoring=None))["restoring"] == (
        "No threshold brings the baseline's recall of 0.900 back: all that the candidate reports has a recall of 0.950."
    )
    better = replace(TOLD, candidate=replace(AFTER, working=BEFORE.working))
    assert "would up to a threshold of 0.310" in view(better)["restoring"]
    assert view(replace(TOLD, baseline=None, restoring=None))["restoring"] == ""


def test_bars_are_as_long_as_what_a_kind_costs() -> None:
    rows = {row["name"]: row for row in view()["kinds"]}
    location = rows["location"]
    assert (location["counts"], location["gains"], location["difference"]) == (
        "1,234 → 1,234", "0.050 → 0.200", "+0.150",
    )  # fmt: skip
    before, after = location["bars"]
    assert after == pytest.approx(view()["bars_width"] - 4)
    assert before == pytest.approx(after / 4, abs=0.1)
    assert rows["class"]["bars"] == [0, 0]


def test_a_gain_below_0_has_no_bar_and_keeps_its_number() -> None:
    location = view(replace(TOLD, candidate=side("v2", -0.01, 80, Cut(0.1, True))))["kinds"][1]
    assert (location["bars"][1], location["gains"]) == (0, "0.050 → −0.010")


def test_images_that_were_left_out_are_told() -> None:
    assert (view()["left_out"], view()["note"]) == ("", "What the 1,000 images with ground truth show, at IoU 0.5.")
    assert view(replace(TOLD, left_out=1))["left_out"].startswith("1 image is left out")


def test_what_has_no_number_has_no_bar() -> None:
    rows = view(replace(TOLD, candidate=side("v2", None, 80, Cut(0.1, True))))["kinds"]
    assert (rows[1]["bars"][1], rows[1]["gains"], rows[1]["difference"]) == (None, "0.050 → –", "–")


def test_of_many_classes_the_most_frequent_confusions_are_listed() -> None:
    labels = tuple(f"c{i}" for i in range(8))
    counts = [[0] * 9 for _ in range(9)]
    counts[2][3], counts[1][8], counts[4][4] = 5, 7, 99
    many = Confusion(labels, tuple(map(tuple, counts)))
    told = replace(TOLD, baseline=replace(BEFORE, confusion=many), candidate=replace(AFTER, confusion=many))
    confusion = view(told)["confusion"]
    assert confusion["rows"] == [("c1", "background", "7 → 7"), ("c2", "c3", "5 → 5")]
    assert confusion["most"]
    assert view()["confusion"]["rows"][0] == ("phone", [("90 → 80", True), ("10 → 20", False)])
    assert view()["confusion"]["rows"][1] == ("background", [("10 → 10", False), ("", True)])


def test_a_calibrated_point_lies_on_the_line() -> None:
    plot = view()["calibration"]
    ((x, y),) = plot["curves"][0]
    across = (x - plot["left"]) / (plot["right"] - plot["left"])
    up = (plot["bottom"] - y) / (plot["bottom"] - plot["top"])
    assert (across, up) == (pytest.approx(0.85, abs=0.01), pytest.approx(0.75, abs=0.01))
    assert plot["told"][0] == ["0.85: 0.75"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_the_section_and_the_summary_does_not_measure_it(
    failing: Any, lang: str, monkeypatch: Any
) -> None:
    run, verdict, comparisons = failing
    text = html.render(run, verdict, comparisons, no_pictures, lang)
    assert 'id="errors"' in text
    assert words_in(lang)("errors.point.best_f1") in text
    monkeypatch.setattr("pytest_damover.domain.diagnosing.diagnosis.diagnose", None)
    monkeypatch.setattr("pytest_damover.report.html.diagnose", None)
    assert markdown.render(run, verdict, comparisons, lang)


def test_one_revision_alone_has_one_bar_a_kind(make: Any) -> None:
    run, verdict, comparisons = make.judged(make.make_run({"v1.0.0": make.GOOD}, alone=True))
    text = html.render(run, verdict, comparisons, no_pictures, "en")
    section = text[text.index('id="errors"') : text.index("</section>", text.index('id="errors"'))]
    assert "b-bar" not in section
    assert " → " not in section.replace("mean score →", "")


def test_precision_stands_over_recall_and_the_dot_where_the_cases_count() -> None:
    plot = view()["curves"]["recall"]
    left, right, top, bottom = (plot[name] for name in ("left", "right", "top", "bottom"))
    half_recall, half_precision = (left + right) / 2, (top + bottom) / 2
    assert plot["lines"] == [f"{half_recall:g},{top:g} {right:g},{half_precision:g}"] * 2
    assert plot["marks"][0] == pytest.approx((left + 0.9 * (right - left), bottom - 0.9 * (bottom - top)), abs=0.06)
    assert plot["told"] == ["0.900 / 0.900", "0.889 / 0.800"]


def test_scores_are_steps_on_a_scale_of_tenfolds() -> None:
    right, wrong = view()["curves"]["scores"]
    assert ([label for _, label in right["y"]], right["told"]) == (["0", "1", "10", "100"], ["90", "80"])
    assert [label for _, label in wrong["y"]] == ["0", "1", "10", "100", "1,000"]
    middle = (wrong["left"] + wrong["right"]) / 2
    one = wrong["y"][1][0]
    left, end, top, bottom = (wrong[name] for name in ("left", "right", "top", "bottom"))
    assert wrong["lines"][0] == f"{left:g},{top:g} {middle:g},{top:g} {middle:g},{one:g} {end:g},{one:g}"
    assert wrong["threshold"] == middle
    nothing = replace(AFTER, curve=(), scores=ScoreHistogram((0, 0), (0, 0)))
    empty = view(replace(TOLD, baseline=None, candidate=nothing, working_threshold=None))["curves"]
    assert (empty["recall"], empty["scores"][0]["threshold"], empty["scores"][0]["told"]) == (None, None, ["0"])
    assert next(y for pair in empty["scores"][0]["lines"] for y in pair.split()).endswith(f",{bottom:g}")


def test_ap_and_ar_are_told_for_all_by_class_and_by_size() -> None:
    groups = view()["breakdown"]["groups"]
    assert [group["title"] for group in groups] == ["", "By class", "By size"]
    assert groups[0]["rows"][0]["ar"] == "0.900 → 0.800"
    assert groups[1]["rows"] == [
        {"name": "phone", "objects": "100", "ap50": "0.900 → 0.900", "ap": "0.450 → 0.400", "ar": "0.700 → 0.700",
         "difference": "−0.050"}
    ]  # fmt: skip
    large = groups[2]["rows"][2]
    assert (large["name"], large["ap50"], large["difference"]) == ("large", "– → –", "–")
    alone = view(replace(TOLD, baseline=None))["breakdown"]["groups"][1]["rows"][0]
    assert (alone["ap"], alone["difference"]) == ("0.400", "")
    assert [group["title"] for group in view(words=ZH)["breakdown"]["groups"]] == ["", "按类别", "按大小"]


def test_of_very_many_classes_the_rest_is_counted() -> None:
    many = replace(AFTER.breakdown, classes={f"c{number:03}": Part(1, 0.5, 0.5, 0.5) for number in range(203)})
    told = view(replace(TOLD, baseline=None, candidate=replace(AFTER, breakdown=many)))["breakdown"]
    assert (len(told["groups"][1]["rows"]), told["more"]) == (200, 3)
