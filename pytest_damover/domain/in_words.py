"""Detections in words, for what an expectation says about a miss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_damover.domain.detection import Detections

SHOWN = 5


def box_in_words(box: Iterable[float]) -> str:
    """Corners in whole pixels: "[10 10 50 90]"."""
    return f"[{' '.join(f'{value:.0f}' for value in box)}]"


def limit_in_words(limit: float) -> str:
    """Two digits, or all that a person wrote: "0.80", "0.805"."""
    text = f"{limit:.2f}"
    return text if float(text) == limit else repr(limit)


def beside_limit(value: float, limit: float) -> str:
    """`value` with two digits, or as many as show on which side of `limit` it lies: 0.798 is not 0.80 beside 0.80."""
    for digits in (2, 3, 4, 6, 8):
        text = f"{value:.{digits}f}"
        if (float(text) >= limit) == (value >= limit):
            return text
    return repr(value)


def object_in_words(found: Detections, index: int, threshold: float) -> str:
    """One detection beside the threshold it was held against: "phone 0.62 at [10 10 50 90]"."""
    score = beside_limit(float(found.scores[index]), threshold)
    return f"{found.labels[index]} {score} at {box_in_words(found.boxes[index].tolist())}"


def best_first(found: Detections, indices: Iterable[int]) -> list[int]:
    """`indices` by descending score; the order of the detections themselves does not matter."""
    return sorted(indices, key=lambda i: (-float(found.scores[i]), found.labels[i], found.boxes[i].tolist()))


def listed(parts: Sequence[str], separator: str = "; ", of: int | None = None) -> str:
    """The first few, and how many there are beside them: of `of` in all, where not all of them are given."""
    count = len(parts) if of is None else of
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return separator.join(parts[:SHOWN]) + more
