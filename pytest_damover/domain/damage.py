"""Records as lines of JSON, and what is wrong with a file of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class DamageKind(str, Enum):
    """In what way the file itself is no journal any more; the judge gives each as a reason of its own."""

    NOT_JSON = "journal-damaged"
    TORN_LINE = "torn-line"
    SEQUENCE_GAP = "sequence-gap"
    WRONG_COUNTS = "wrong-counts"
    RECORDS_AFTER_END = "records-after-end"


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong with the file itself, in words."""

    kind: DamageKind
    text: str

    def __str__(self) -> str:
        return self.text


TORN = Damage(DamageKind.TORN_LINE, "the last line is torn")
"""What a run leaves when it is killed while it writes."""


def records_of(text: str, loads: Callable[[str], Any] = json.loads) -> tuple[list[dict[str, Any]], list[Damage]]:
    """Every line that `loads` takes for a JSON object, and what is wrong with the others; it raises ValueError."""
    *lines, rest = text.split("\n")
    damage = [TORN] if rest else []
    try:  # all lines at once takes half the time, and an undamaged journal allows it
        records = loads(f"[{','.join(lines)}]")
        if len(records) == len(lines) and all(type(record) is dict for record in records):
            return records, damage
    except (ValueError, RecursionError):
        pass
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            record = loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            damage.append(Damage(DamageKind.NOT_JSON, f"line {number} is not a JSON object"))
        else:
            records.append(record)
    return records, damage
