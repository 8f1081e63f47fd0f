"""A table on a terminal: aligned by what characters take there, and fitted to its width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

GAP = "  "
NOTHING = "-"
NARROWEST_TEXT = 12
WIDEST_CELL = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A title and the cells under it.

    Where room is short the column with the highest `rank` goes first, of rank 0 none; a `running_text` is cut before.
    """

    title: str
    cells: tuple[str, ...]
    rank: int = 0
    right: bool = False
    running_text: bool = False

    @property
    def is_empty(self) -> bool:
        """True when no cell says anything."""
        return all(cell in ("", NOTHING) for cell in self.cells)

    @property
    def width(self) -> int:
        """Columns of the terminal that title and cells need."""
        return max(map(text_width, (self.title, *self.cells)))


def lines(columns: Sequence[Column], width: int) -> tuple[list[str], tuple[str, ...]]:
    """The table's lines, each of at most `width` columns if that can be, and the titles that there was no room for."""
    kept = [_clipped(column, WIDEST_CELL) for column in columns if not column.running_text]
    kept += [column for column in columns if column.running_text]
    dropped: list[str] = []
    while _width(kept) > width:
        over = _width(kept) - width
        text = next((column for column in kept if column.running_text and not column.is_empty), None)
        if text is not None and text.width - over >= NARROWEST_TEXT:
            kept[kept.index(text)] = _clipped(text, text.width - over)
            break
        last = max((column for column in kept if column.rank), key=lambda c: (c.is_empty, c.rank), default=None)
        if last is None:
            break
        kept.remove(last)
        dropped.append(last.title)
    rows = zip(*(_padded(column) for column in kept), strict=True)
    missing = tuple(column.title for column in columns if column.title in dropped and not column.is_empty)
    return [GAP.join(row).rstrip() for row in rows], missing


def text_width(text: str) -> int:
    """Columns of a terminal that `text` takes; East Asian wide characters take two."""
    from pytest_damover.report.terminal import text_width as measured

    return len(text) if text.isascii() else measured(text)


def _width(columns: Iterable[Column]) -> int:
    widths = [column.width for column in columns]
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _padded(column: Column) -> list[str]:
    cells = (column.title, *column.cells)
    blanks = [" " * (column.width - text_width(cell)) for cell in cells]
    return [blank + cell if column.right else cell + blank for cell, blank in zip(cells, blanks, strict=True)]


def _clipped(column: Column, most: int) -> Column:
    return replace(column, cells=tuple(clipped(cell, most) for cell in column.cells))


def clipped(text: str, most: int) -> str:
    """`text` in at most `most` columns; what was cut is marked."""
    if text_width(text) <= most:
        return text
    kept, room = "", most - 1
    for character in text:
        room -= text_width(character)
        if room < 0:
            break
        kept += character
    return f"{kept}…"
