"""What cannot be seen is shown, what is endless is cut, what we drew ourselves is left alone."""

from __future__ import annotations

import pytest

from pytest_damover.report.text import MAX_TEXT_BYTES, Drawn, fitted, lines_of, one_line, visible


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("abc\u202edef", "abc\\u202edef"),
        ("a\u200bb", "a\\u200bb"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\x00b", "a\\x00b"),
        ("a\nb", "a\\x0ab"),
        ("a\u00a0b", "a\\xa0b"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u3164b", "a\\u3164b"),
        ("\ufefftext", "\\ufefftext"),
        ("夜间 ★ é", "夜间 ★ é"),
    ],
)
def test_w8_what_cannot_be_seen_is_shown_as_an_escape(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


@pytest.mark.parametrize("character", ["a", "夜", "\u202e", "\U0001f600"])
def test_w5_text_is_held_within_its_bytes(character: str) -> None:
    assert len(fitted(character * 5000).encode()) <= MAX_TEXT_BYTES
    assert "5000 characters" in fitted(character * 5000)


def test_short_text_stays_as_it_is() -> None:
    assert fitted("single_phone") == "single_phone"


def test_lines_are_counted_and_blank_ones_dropped() -> None:
    assert lines_of("one\n\n  two\n") == ["one", "  two"]
    assert len(lines_of("x\n" * 100)) == 40


def test_one_line_has_no_break() -> None:
    assert one_line("a\r\n b\t\tc") == "a b c"


def test_drawn_text_is_text() -> None:
    assert Drawn("M1 2h0") == "M1 2h0"
