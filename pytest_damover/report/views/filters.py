"""What the rows of a table can be narrowed by: each row says by number which of the choices it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
# by what -> (its label, the values of a row)
Columns = Mapping[str, tuple[str, Callable[[Row], Iterable[str]]]]


def filtered(rows: Sequence[Row], columns: Columns) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rows with `chosen` ("0 2": the numbers of their choices, by column), and the choices of each column.

    Choices stand in the order in which they occur; a column with fewer than two has nothing to choose and is left out.
    """
    selects, numbers = [], {}
    for by, (label, values_of) in columns.items():
        names = list(dict.fromkeys(value for row in rows for value in values_of(row)))
        if len(names) > 1:
            selects.append({"by": by, "label": label, "options": list(enumerate(names))})
            numbers[by] = {name: str(number) for number, name in enumerate(names)}
    marked = [
        row
        | {"chosen": {by: " ".join(number[value] for value in columns[by][1](row)) for by, number in numbers.items()}}
        for row in rows
    ]
    return marked, selects
