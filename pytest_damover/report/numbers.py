"""Numbers as a reader sees them; the same in every language, with a true minus sign and a fixed number of digits."""

from __future__ import annotations

import math

ABSENT = "–"
MINUS = "−"


def fixed(value: float | None, digits: int = 3) -> str:
    """`value` with `digits` decimals; a dash where there is none, 'NaN' or '∞' where it is no number."""
    if value is None:
        return ABSENT
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    return f"{value:.{digits}f}".replace("-", MINUS)


def signed(value: float | None, digits: int = 3) -> str:
    """As `fixed`, with a plus sign before what is not negative."""
    text = fixed(value, digits)
    return text if value is None or not math.isfinite(value) or value < 0 else f"+{text}"


def ratio(value: float | None) -> str:
    """A ratio, as in 1.08×."""
    return ABSENT if value is None else f"{fixed(value, 2)}×"


def count(value: float | None) -> str:
    """A whole number with thin thousands; a fraction keeps three digits."""
    if value is None or not math.isfinite(value) or value != int(value):
        return fixed(value)
    return f"{int(value):,}".replace("-", MINUS)


def file_size(size_bytes: int) -> str:
    """Bytes in the unit that reads best, as in 2.31 MB (decimal units)."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    for unit, scale in (("kB", 1e3), ("MB", 1e6)):
        if size_bytes < scale * 999.5:
            return f"{size_bytes / scale:.2f} {unit}"
    return f"{size_bytes / 1e9:.2f} GB"


def megabytes(value: float | None) -> str:
    """Megabytes, as in 12.4 MB."""
    return ABSENT if value is None else f"{fixed(value, 2 if abs(value) < 10 else 1)} MB"


def per_second(value: float | None) -> str:
    """How many a second, as in 12.4/s."""
    return ABSENT if value is None else f"{fixed(value, 2 if abs(value) < 10 else 1)}/s"


def millions(value: float | None) -> str:
    """Millions, as in 28.4 M."""
    return ABSENT if value is None else f"{fixed(value, 2 if abs(value) < 10 else 1)} M"


def milliseconds(value: float | None) -> str:
    """Milliseconds, as in 12.4 ms."""
    return ABSENT if value is None else f"{fixed(value, 2 if abs(value) < 10 else 1)} ms"
