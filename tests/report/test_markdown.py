"""The CI summary: verdict first, data as plain text, never too large."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_damover.report import markdown


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ("a|b", "a\\|b"),
        ("`x`", "\\`x\\`"),
        ("[x](y)", "\\[x\\]\\(y\\)"),
        ("<b>", "&lt;b\\>"),
        ("a & b", "a &amp; b"),
        ("@all", "@<!-- -->all"),
        ("https://x", "https:<!-- -->//x"),
        ("www.x", "www<!-- -->.x"),
        ("a\nb", "a b"),
    ],
)
def test_nothing_of_markdown_is_left_in_data(data: str, written: str) -> None:
    assert markdown.escaped(data) == written


def test_a_command_cannot_end_its_own_block() -> None:
    assert markdown.code("echo ```") == "````sh\necho ```\n````"


def test_verdict_comes_first_and_night_is_named(failing: Any) -> None:
    text = markdown.render(*failing, "en")
    assert text.startswith("## ❌ Fail (FAIL)\n\n**v2.0.0 must not replace v1.0.0.**")
    assert "AP50 · night" in text
    assert "damover judge reports/20261120-171500-demo" in text


def test_chinese_summary_is_chinese(failing: Any) -> None:
    assert "准入结论：v2.0.0 不得替换 v1.0.0。" in markdown.render(*failing, "zh")


def test_summary_is_cut_at_a_block_and_says_so(failing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MOST_BYTES", 1500)
    text = markdown.render(*failing, "en")
    assert len(text.encode()) < 1600
    assert text.endswith("_More is in the report._\n")


def test_same_run_same_text(failing: Any) -> None:
    assert markdown.render(*failing, "en") == markdown.render(*failing, "en")
