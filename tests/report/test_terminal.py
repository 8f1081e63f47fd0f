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
