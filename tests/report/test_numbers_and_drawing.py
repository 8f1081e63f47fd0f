"""Numbers read the same everywhere; charts are plain arithmetic."""

from __future__ import annotations

import math

from pytest_damover.report.drawing import Scale, scale_over, strip, thinned
from pytest_damover.report.numbers import count, file_size, fixed, milliseconds, ratio, signed


def test_numbers_have_a_true_minus_and_a_sign_for_differences() -> None:
    assert (signed(-0.0621), signed(0.5), signed(0.0), fixed(None)) == ("−0.062", "+0.500", "+0.000", "–")


def test_what_is_no_number_says_so() -> None:
    assert (fixed(math.nan), fixed(math.inf), signed(-math.inf), ratio(math.nan)) == ("NaN", "∞", "−∞", "NaN×")


def test_units() -> None:
    assert (ratio(1.0812), count(12345), count(1.5), milliseconds(12.44)) == ("1.08×", "12,345", "1.500", "12.4 ms")
    assert [file_size(size) for size in (999, 1000, 2_310_442, 999_999, 3_000_000_000)] == [
        "999 B", "1.00 kB", "2.31 MB", "1.00 MB", "3.00 GB",
    ]  # fmt: skip


def test_a_scale_holds_what_lies_outside_at_its_edge() -> None:
    scale = Scale(0.0, 10.0, 0.0, 100.0)
    assert [scale.at(value) for value in (-5, 0, 2.5, 10, 50)] == [0.0, 0.0, 25.0, 100.0, 100.0]


def test_ticks_are_round() -> None:
    assert [value for value, _ in Scale(-0.31, 0.12, 0, 100).ticks(4)] == [-0.2, 0.0]
    assert [value for value, _ in Scale(0, 1, 0, 100).ticks(5)] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_a_scale_over_one_value_or_none_has_room() -> None:
    assert scale_over([3.0], 0, 100).at(3.0) == 50.0
    assert scale_over([None, math.nan], 0, 100).at(0.0) == 50.0


def test_dots_are_the_same_every_time() -> None:
    scale = Scale(0, 10, 0, 100)
    assert strip([1, 2], scale, 0, 10) == strip([1, 2], scale, 0, 10) == "M10 6.2h0M20 2.4h0"
    assert list(thinned(range(10), 5)) == [0, 2, 4, 6, 8]
