"""The end of the terminal's output: short, honest, no escape sequences of its own."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_damover.report import terminal

PATH = "reports/20261120-171500-demo/report.html"


@pytest.mark.parametrize("width", [10, 20, 40, 80, 200])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_fits_any_terminal(failing: Any, lang: str, width: int) -> None:
    lines = terminal.render(*failing, PATH, lang, width)
    assert len(lines) <= 25
    assert all(terminal.text_width(line.text) <= max(width, terminal.NARROWEST) for line in lines)
    assert "\x1b" not in "".join(line.text for line in lines)


@pytest.mark.parametrize("width", [20, 80])
def test_many_candidates_in_little_room_still_end_with_the_report(make: Any, width: int) -> None:
    names = {f"v{number}": make.BLIND_AT_NIGHT for number in range(8)}
    lines = terminal.render(*make.judged(make.make_run(names, count=30)), PATH, "en", width)
    assert len(lines) <= 25
    assert any("more" in line.text for line in lines)
    assert "report.html" in "".join(line.text for line in lines[-4:]).replace(" ", "")


def test_no_candidate_is_told_at_the_cost_of_another(make: Any) -> None:
    names = {"v1": make.GOOD, "v2": make.BLIND_AT_NIGHT, "v3": make.BLIND_AT_NIGHT, "v4": make.BLIND_AT_NIGHT}
    texts = [line.text for line in terminal.render(*make.judged(make.make_run(names, count=60)), PATH, "en", 80)]
    starts = [place for place, text in enumerate(texts) if text.startswith("v")]
    end = next(place for place, text in enumerate(texts) if text.endswith(" more"))
    lengths = [after - before for before, after in zip(starts, [*starts[1:], end], strict=True)]
    assert len(lengths) == 3
    assert max(lengths) - min(lengths) <= 3  # whole sentences only
    assert all("AP50 difference" in texts[place] for place in starts)


@pytest.mark.parametrize("width", [60, 80])
def test_quiet_is_verdict_reasons_and_path(failing: Any, width: int) -> None:
    lines = terminal.render(*failing, PATH, "en", width, verbosity=-1)
    assert len(lines) <= 10
    assert lines[0].text.startswith("FAIL ")
    assert [line.style for line in lines[1:4]] == ["FAIL"] * 3
    assert lines[-1].text == f"  report: {PATH}"
    assert not any("Items" in line.text or "kept" in line.text for line in lines)


def test_verbose_cuts_no_reason_and_names_thirty_cases(failing: Any) -> None:
    run, _, comparisons = failing
    text = "\n".join(line.text for line in terminal.render(*failing, PATH, "en", 100, verbosity=1))
    lost = [case.case for case in comparisons[0].cases if case.change.value == "regression"]
    assert len(lost) > 5
    assert sum(name in text for name in lost) == min(30, len(lost))
    assert "…" not in text.replace(" … ", "")
    assert run.plan.candidates[0].name in text


def test_a_reason_is_not_named_twice(failing: Any) -> None:
    lines = terminal.render(*failing, PATH, "en", 120)
    assert lines[1].text.startswith("  x AP50 on night falls from ")


def test_what_was_not_tested_is_counted_and_one_is_named(make: Any) -> None:
    left_out = tuple(f"needs a GPU, this run is on cpu: suites/phone/test_phone.py::test_gpu[v{at}]" for at in (1, 2))
    run = make.make_run({"v1": make.GOOD, "v2": make.BETTER}, count=30, left_out=left_out)
    text = "\n".join(line.text for line in terminal.render(*make.judged(run), PATH, "en", 120))
    assert "  Not tested: needs a GPU, this run is on cpu: suites/phone/test_phone.py::test_gpu[v1] (+1)\n" in text


def test_it_says_verdict_why_and_where(failing: Any) -> None:
    lines = terminal.render(*failing, PATH, "en", 120)
    assert lines[0] == ("FAIL v2.0.0 must not replace v1.0.0.", "FAIL")
    assert "night" in lines[1].text
    assert lines[1].style == "FAIL"
    assert lines[-1] == (f"  report: {PATH}", "strong")


def test_interrupted_is_said(make: Any) -> None:
    judged = make.judged(make.make_run({"v1": make.GOOD, "v2": make.BETTER}, ended=None, lost=40))
    text = "\n".join(line.text for line in terminal.render(*judged, PATH, "en", 120))
    assert text.startswith("INCONCLUSIVE")
    assert "INTERRUPTED: 383 of 423 items ran" in text


def test_wide_characters_take_two_columns() -> None:
    assert terminal.text_width("准入 a") == 6
