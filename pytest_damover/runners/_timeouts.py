"""How long each thing that a model's code has a part in may take, by the clock on the wall."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

from pytest_damover.domain.errors import Code, DamoverError, Fault

KEY = "damover_timeouts"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; what takes longer is killed.

    `start`: importing what the detector needs; `load`: a revision; `warm_up`: the first call of a loaded revision,
    which may compile; `case`: every further call; `unload`: until a killed process has gone.
    """

    start: float = 300.0
    load: float = 600.0
    warm_up: float = 300.0
    case: float = 120.0
    unload: float = 10.0


def read_timeouts(lines: Iterable[str]) -> Timeouts:
    """The limits of an ini key of lines `case = 120`; `DamoverError` names every line that is none."""
    names = {field.name.replace("_", "-"): field.name for field in fields(Timeouts)}
    given: dict[str, float] = {}
    faults = []
    for line in lines:
        name, _, value = (part.strip() for part in line.partition("="))
        seconds = _seconds(value)
        if name not in names or names[name] in given or seconds is None:
            allowed = f"each of {', '.join(names)} once, as 'case = 120': seconds above 0"
            faults.append(Fault(Code.OPTION, KEY, repr(line), allowed))
        else:
            given[names[name]] = seconds
    if faults:
        raise DamoverError(*faults)
    return Timeouts(**given)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
