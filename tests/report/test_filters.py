"""What a table can be narrowed by: every row carries the numbers of its own choices."""

from __future__ import annotations

from pytest_damover.report.views.filters import filtered

ROWS = [{"word": "failed", "slices": ("night", "small"), "suite": "phone"},
        {"word": "kept", "slices": (), "suite": "phone"},
        {"word": "failed", "slices": ("day",), "suite": "phone"}]  # fmt: skip


def test_rows_are_numbered_by_choice_and_one_choice_is_none() -> None:
    rows, selects = filtered(ROWS, {
        "state": ("Outcome", lambda row: (row["word"],)),
        "slice": ("Slice", lambda row: row["slices"]),
        "suite": ("Suite", lambda row: (row["suite"],)),
    })  # fmt: skip
    assert selects == [
        {"by": "state", "label": "Outcome", "options": [(0, "failed"), (1, "kept")]},
        {"by": "slice", "label": "Slice", "options": [(0, "night"), (1, "small"), (2, "day")]},
    ]
    assert [row["chosen"] for row in rows] == [
        {"state": "0", "slice": "0 1"}, {"state": "1", "slice": ""}, {"state": "0", "slice": "2"},
    ]  # fmt: skip


def test_an_empty_table_has_nothing_to_choose() -> None:
    assert filtered([], {"state": ("Outcome", lambda row: (row["word"],))}) == ([], [])
