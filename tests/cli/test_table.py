import pytest

from pytest_damover.cli.table import Column, clipped, lines, text_width

NAMES = Column("name", ("v1", "夜间版"))
SIZES = Column("size", ("9 B", "1.20 MB"), 1, right=True)
COMMITS = Column("commit", ("-", "-"), 2)
DATES = Column("date", ("2026-01-31", "-"), 3)
MESSAGES = Column("message", ("first", "识别夜间的手机，比以前更快更准"), 4, running_text=True)
EVERY = [NAMES, SIZES, COMMITS, DATES, MESSAGES]


def test_cells_stand_under_their_titles_by_what_they_take_on_a_terminal():
    table, missing = lines(EVERY, 200)
    assert missing == ()
    assert table == [
        "name       size  commit  date        message",
        "v1          9 B  -       2026-01-31  first",
        "夜间版  1.20 MB  -       -           识别夜间的手机，比以前更快更准",
    ]


@pytest.mark.parametrize("width", range(15, 90))
def test_no_line_is_wider_than_the_terminal(width):
    table, _ = lines(EVERY, width)
    assert max(map(text_width, table)) <= width


def test_a_text_is_cut_before_a_column_goes_and_an_empty_column_goes_first():
    assert lines(EVERY, 60)[0][2].endswith("…")
    table, missing = lines(EVERY, 45)
    assert "commit" not in table[0]
    assert missing == ()
    assert lines(EVERY, 20)[1] == ("date", "message")


def test_what_has_rank_0_stays_in_the_narrowest_terminal():
    assert lines(EVERY, 1)[0][0].startswith("name")


def test_a_table_without_rows_is_its_titles():
    assert lines([Column("name", ()), Column("size", ())], 80) == (["name  size"], ())


def test_wide_characters_are_never_cut_in_half():
    assert (clipped("夜间版", 6), clipped("夜间版", 5), clipped("夜间版", 4)) == ("夜间版", "夜间…", "夜…")
