"""Views: facts in, plain data out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from pytest_damover.domain.case import Severity, case_from_data
from pytest_damover.domain.comparing.comparison import (
    CaseComparison,
    Change,
    Comparison,
    LatencyComparison,
    SliceComparison,
)
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.run import DETECT
from pytest_damover.domain.verdict import Answer, Counts, Finding
from pytest_damover.report.views.cases import case_table, named
from pytest_damover.report.views.findings import finding_rows, rule_title, sentence
from pytest_damover.report.views.latency import latency_views
from pytest_damover.report.views.matrix import matrices
from pytest_damover.report.views.overlay import side_overlay
from pytest_damover.report.views.provenance import file_table
from pytest_damover.report.views.slices import slice_tables
from pytest_damover.report.views.states import states
from pytest_damover.report.views.summary import count_tiles, most_telling
from pytest_damover.report.words import words_in

EN, ZH = words_in("en"), words_in("zh")
BEFORE, AFTER = (Revision(name, name, "m", "local", None, (FileEntry("f", 1, name),)) for name in ("v1", "v2"))
NIGHT = Finding("ap50", Answer.FAIL, "over-limit", "told by the judge", "phone", "night", -0.19, 0.81, 0.62, -0.05,
                (-0.25, -0.11), 0.95, 70, "pytest suites/phone")  # fmt: skip
SPEED = Finding(
    "latency", Answer.PASS, "within-limit", "", "phone", None, 1.04, 12.0, 12.5, 1.1, (1.02, 1.06), 0.95, 40
)
LOST = Finding("regressions.critical", Answer.FAIL, "over-limit", "2 of 9 are failed", "phone", value=2, limit=0, n=9)


def case_of(name: str, change: Change, slices: tuple[str, ...] = ("day",), severity: Severity = Severity.MAJOR) -> Any:
    return CaseComparison("phone", name, DETECT, severity, slices, None, None, change)


def test_the_matrix_weighs_regressions_against_fixes_of_both_kinds() -> None:
    ended = Finished("k", ItemOutcome.PASSED)
    changed = [Change.REGRESSION] * 5 + [Change.FIXED, Change.KEPT]
    told = [(replace(case_of(f"c{n}", change), baseline=ended), "kept") for n, change in enumerate(changed)]
    weighed = matrices(told, {}, EN)[0]["weighed"]
    assert weighed.startswith(
        "Cases and tests regressed: 5, fixed: 1, so the candidate breaks more than it fixes. Exact McNemar test: "
        "p = 0.219;"
    )
    assert "回归多于修复" in matrices(told, {}, ZH)[0]["weighed"]
    assert matrices(told[6:], {}, EN)[0]["weighed"] == ""


def test_a_finding_becomes_a_row_with_units_signs_and_places() -> None:
    row = finding_rows([SPEED, NIGHT], EN)[0]
    assert (row["answer"], row["title"], row["value"], row["limit"]) == ("FAIL", "AP50", "−0.190", "≥ −0.050")
    assert (row["interval"], row["sides"], row["n"]) == ("−0.250 … −0.110", ["0.810", "0.620"], "70")
    plot = row["plot"]
    assert plot["low"] < plot["point"] < plot["high"] < plot["limit"] < plot["neutral"]
    assert (plot["shade_left"], plot["shade_width"]) == (0, plot["limit"])


def test_latency_is_forbidden_above_its_limit_and_has_sides_in_milliseconds() -> None:
    row = finding_rows([SPEED], EN)[0]
    assert (row["value"], row["limit"], row["sides"]) == ("1.04×", "≤ 1.10×", ["12.0 ms", "12.5 ms"])
    assert row["plot"]["shade_left"] == row["plot"]["limit"] > row["plot"]["high"]


def test_findings_are_told_in_the_readers_language() -> None:
    told = "AP50 on night falls from 0.810 to 0.620: −0.190, interval −0.250 … −0.110, beyond the margin −0.050."
    assert sentence(NIGHT, EN) == told
    assert sentence(NIGHT, ZH) == (
        "切片 night 的 AP50 由 0.810 降至 0.620（−0.190），置信区间 −0.250 … −0.110，整体超出允许限值 −0.050。"
    )
    assert sentence(LOST, ZH) == "9 个致命用例中有 2 个回归（基线通过而候选版本失败），仅允许 0 个。"
    assert rule_title("regressions.critical", ZH) == "回归（致命）"


def test_a_finding_that_nobody_foresaw_keeps_the_judges_words() -> None:
    unknown = Finding("tide.night", Answer.FAIL, "new-reason", "something new went wrong")
    assert sentence(unknown, ZH) == "Something new went wrong."
    assert rule_title("tide.night", EN) == "tide.night"
    assert finding_rows([unknown], EN)[0]["plot"] is None


def test_undecided_says_how_much_would_decide() -> None:
    undecided = replace(NIGHT, verdict=Answer.INCONCLUSIVE, reason="undecided", value=-0.1, interval=(-0.18, -0.03))
    assert "About 140 images like these would decide" in sentence(undecided, EN)
    assert "才能判定" in sentence(undecided, ZH)


def test_a_value_that_is_no_number_is_not_drawn() -> None:
    assert finding_rows([replace(NIGHT, value=math.nan, interval=None)], EN)[0]["plot"] is None


def test_the_reasons_come_from_as_many_rules_as_there_are_and_worst_first() -> None:
    more = [replace(LOST, rule=f"regressions.{name}") for name in ("major", "minor")]
    overall = replace(NIGHT, slice=None, value=-0.06)
    told = most_telling([LOST, *more, overall, NIGHT, SPEED])
    assert [(one.rule, one.slice) for one in told] == [
        ("ap50", "night"), ("regressions.critical", None), ("ap50", None),
    ]  # fmt: skip
    assert most_telling([SPEED]) == [SPEED]
    assert most_telling([]) == []


def test_slices_carry_limits_of_their_findings_and_share_one_scale() -> None:
    slices = (
        SliceComparison("phone", None, 210, 345, 0.95, 0.86, -0.09, (-0.12, -0.06), (0.83, 0.9)),
        SliceComparison("phone", "night", 70, 116, 0.81, 0.62, -0.19, (-0.25, -0.11), (0.5, 0.7)),
        SliceComparison("phone", "none", 10, 0, None, None, None, None, None),
    )
    (table,) = slice_tables(Comparison(BEFORE, AFTER, (), slices, ()), [NIGHT], EN)
    assert table is not None
    assert [row["slice"] for row in table["rows"]] == ["all images", "night"]
    assert table["without"] == ["none"]
    night = table["rows"][1]
    assert (night["answer"], night["limit"], night["difference"]) == ("FAIL", "−0.050", "−0.190")
    assert night["forest"]["high"] < night["forest"]["limit"] < table["zero"]
    assert slice_tables(Comparison(None, AFTER, (), slices[2:], ()), [], EN) == []
    assert [row["images"] for row in table["rows"]] == ["210", "70"]
    (cameras,) = slice_tables(Comparison(BEFORE, AFTER, (), (replace(slices[0], groups=12),), ()), [], EN)
    assert cameras["rows"][0]["images"] == "210 in 12 groups"


def test_matrix_has_a_cell_for_each_slice_of_a_case_and_links_regressions() -> None:
    told = [
        (case_of("a", Change.REGRESSION, ("night", "small")), "regression"),
        (case_of("b", Change.KEPT, ()), "kept"),
    ]
    rows = matrices(told, {("phone", "a"): "case-1"}, EN)[0]["rows"]
    assert [row["slice"] for row in rows] == ["night", "small", "no slice"]
    assert rows[0]["groups"][0]["cells"] == [("regression", "a: regression", "case-1")]


def test_many_cases_become_bars_and_only_loud_cases_stay_cells() -> None:
    told = [(case_of(f"c{index}", Change.KEPT), "kept") for index in range(3000)]
    told[:200] = [(case_of(f"r{index}", Change.REGRESSION), "regression") for index in range(200)]
    matrix = matrices(told, {}, EN)[0]
    group = matrix["rows"][0]["groups"][0]
    assert matrix["aggregated"]
    assert (len(group["cells"]), group["more"], group["text"]) == (120, 80, "200 regression, 2,800 kept")
    assert sum(part["width"] for part in group["bar"]) == pytest.approx(220, abs=1)


def test_case_table_lists_all_or_only_the_loud() -> None:
    few = [(case_of("a", Change.KEPT), "kept"), (case_of("b", Change.FIXED), "fixed")]
    assert [row["case"] for row in case_table(few, {}, "", EN)["rows"]] == ["a", "b"]
    many = case_table([*few, *[(case_of(f"c{index}", Change.KEPT), "kept") for index in range(2001)]], {}, "", EN)
    assert (many["only_loud"], [row["case"] for row in many["rows"]], many["total"]) == (True, ["b"], 2003)
    assert named(few, "fixed", EN)["n"] == 1


def test_without_a_baseline_a_case_passed_or_failed() -> None:
    ends = [Finished("i", outcome) for outcome in ItemOutcome]
    cases = tuple(replace(case_of(end.outcome.value, Change.KEPT), candidate=end) for end in ends)
    told = states(Comparison(None, AFTER, cases, (), ()))
    assert [(case.case, state) for case, state in told] == [
        ("error", "failed"), ("failed", "failed"), ("skipped", "incomplete"), ("passed", "passed"),
    ]  # fmt: skip


def test_overlay_tells_found_missed_extra_and_faint() -> None:
    boxes = [{"box": [0, 0, 100, 100], "label": "phone"}, {"box": [200, 0, 300, 100], "label": "phone"}]
    data = {"name": "c", "image_path": "c.jpg", "expected": {"expected_boxes": boxes}}
    case = case_from_data(data, "phone", "c.json", "0")
    found = Detections.of([[1, 1, 99, 99], [400, 300, 450, 350], [201, 1, 299, 99]], [0.9, 0.8, 0.4], ["phone"] * 3)
    overlay = side_overlay(case, found, (640, 480))
    assert [box["kind"] for box in overlay["truth"]] == ["found", "missed"]
    assert [(box["kind"], box["text"]) for box in overlay["strong"]] == [
        ("match", "phone 0.90"),
        ("extra", "phone 0.80"),
    ]
    assert [box["text"] for box in overlay["faint"]] == ["phone 0.40"]
    assert [box["kind"] for box in side_overlay(case, None, (640, 480))["truth"]] == ["unknown", "unknown"]


def test_what_lies_on_an_object_to_ignore_or_in_a_crowd_is_not_extra() -> None:
    crowd = {"box": [0, 0, 300, 300], "label": "phone", "crowd": True}
    boxes = [crowd, {"box": [400, 0, 500, 100], "label": "phone", "ignore": True}]
    boxes += [{"box": [500, 200, 600, 300], "label": "phone"}]
    case = case_from_data(
        {"name": "c", "image_path": "c.jpg", "expected": {"expected_boxes": boxes}}, "phone", "c.json", "0"
    )
    found = Detections.of(
        [[9, 9, 20, 20], [400, 0, 500, 100], [9, 9, 20, 20]], [0.9, 0.8, 0.7], ["phone", "phone", "cup"]
    )
    overlay = side_overlay(case, found, (640, 480))
    assert [box["kind"] for box in overlay["strong"]] == ["match", "match", "extra"]
    assert ([box["kind"] for box in overlay["truth"]], overlay["known"]) == (["missed"], 1)


def test_labels_stay_inside_the_picture() -> None:
    data = {"name": "c", "image_path": "c.jpg", "expected": {}}
    case = case_from_data(data, "phone", "c.json", "0")
    corner = Detections.of([[600, 0, 640, 480], [0, 470, 20, 480]], [0.9, 0.8], ["phone", "phone"])
    for box in side_overlay(case, corner, (640, 480))["strong"]:
        label = box["label"]
        assert label["x"] >= 0
        assert label["x"] + label["width"] <= 640
        assert 0 <= label["y"] <= 480 - label["height"] + 0.1


def test_a_race_without_usable_times_is_told_and_not_drawn() -> None:
    race = LatencyComparison("phone", ((1, 1), (0, 0)), math.nan, math.nan, math.nan, None)
    view = latency_views([race], [], EN)[0]
    assert (view["strip"], view["ratios"], view["interval"]) == (None, None, "–")


def test_files_are_marked_equal_changed_or_on_one_side_only(make: Any) -> None:
    before, after = make.make_revision("v1"), make.make_revision("v2")
    after = replace(after, files=after.files[1:])
    table = file_table(before, after)
    marks = {row["path"]: row["mark"] for row in table["rows"]}
    assert marks.pop("README.md") == "removed"
    assert marks.pop("pytorch_model.pt") == "changed"
    assert set(marks.values()) == {"equal"}
    assert (table["changed"], table["total"]) == (2, 4)
    assert {row["mark"] for row in file_table(None, after)["rows"]} == {""}


def test_tiles_ask_for_attention_only_when_there_is_something() -> None:
    tones = {tile["name"]: tile["tone"] for tile in count_tiles(Counts(10, 9, 9, 0, 0, 1), EN)}
    assert tones == {"planned": "", "run": "", "passed": "", "failed": "", "skipped": "", "missing": "open"}
