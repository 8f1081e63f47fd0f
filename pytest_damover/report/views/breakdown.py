"""AP and AR by class and by size as rows; in each pair the baseline stands first, if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.diagnosing.breakdown import SIZES, Breakdown, Part
from pytest_damover.domain.diagnosing.tide import difference
from pytest_damover.report.numbers import count, fixed, signed
from pytest_damover.report.words import Words

MOST_CLASSES = 200


def breakdown_view(sides: Sequence[Breakdown], words: Words) -> dict[str, Any]:
    """Groups of rows: all objects, those of each class, those of each size."""
    labels = list(sides[0].classes)
    classes = [_row(label, [side.classes[label] for side in sides]) for label in labels[:MOST_CLASSES]]
    sizes = [_row(words(f"errors.parts.{size}"), [side.sizes[size] for side in sides]) for size in SIZES]
    groups = [
        ("", [_row(words("errors.parts.whole"), [side.whole for side in sides])]),
        (words("errors.parts.classes"), classes),
        (words("errors.parts.sizes"), sizes),
    ]
    return {
        "groups": [{"title": title, "rows": rows} for title, rows in groups if rows],
        "more": max(0, len(labels) - MOST_CLASSES),
    }


def _row(name: str, parts: Sequence[Part]) -> dict[str, Any]:
    before, after = parts[0].ap, parts[-1].ap
    return {
        "name": name,
        "objects": count(parts[0].objects),
        "ap50": _arrow([part.ap50 for part in parts]),
        "ap": _arrow([part.ap for part in parts]),
        "ar": _arrow([part.ar for part in parts]),
        "difference": signed(difference(after, before)) if len(parts) == 2 else "",
    }


def _arrow(values: Sequence[float | None]) -> str:
    return " → ".join(fixed(value) for value in values)
