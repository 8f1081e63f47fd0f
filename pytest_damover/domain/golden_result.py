"""What is said of goldens: how far one may drift, and what became of a comparison with one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from pytest_damover.domain.case import GoldenDemand


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a detection may lie from its golden: each box edge in pixels, the score as a difference.

    Whoever asks for more than the default gives a `reason`, which the report lists.
    """

    box_px: float = 2.0
    score: float = 0.05
    reason: str = ""

    def is_looser_than(self, other: Tolerance) -> bool:
        """True when it lets pass what `other` does not."""
        return not (self.box_px <= other.box_px and self.score <= other.score)

    def faults(self, accepted: Tolerance) -> tuple[str, ...]:
        """What is wrong with asking for this where `accepted` is in force, in words; empty when nothing is."""
        wrong = [
            f"{name} {value!r} is no tolerance: a finite number of at least 0 is one"
            for name, value in (("box_px", self.box_px), ("score", self.score))
            if not (isinstance(value, (int, float)) and 0 <= value < math.inf)
        ]
        if not wrong and self.is_looser_than(accepted) and not self.reason.strip():
            wrong.append(f"{self} is looser than {accepted}, and no reason is given")
        return tuple(wrong)

    def __str__(self) -> str:
        return f"{self.box_px:g} px and score {self.score:g}"


DEFAULT_TOLERANCE = Tolerance()


class GoldenOutcome(str, Enum):
    """What became of one comparison with a golden; `WRITTEN`: nothing was compared, the golden is new."""

    MATCH = "match"
    DRIFT = "drift"
    MISSING = "missing"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class GoldenResult:
    """What became of one golden that an item asked for.

    `file` is the golden that was used, relative to `golden/<suite>/`; of one that is missing the file that would fit.
    `inexact` says in words for what else than this device and precision that golden was accepted, '' when it fits.
    `differences` are sentences: how the detections drifted, why nothing is there, or what an update changed.
    """

    name: str
    outcome: GoldenOutcome
    file: str
    inexact: str = ""
    differences: tuple[str, ...] = ()
    tolerance: Tolerance = DEFAULT_TOLERANCE

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal."""
        return {
            "name": self.name,
            "outcome": self.outcome.value,
            "file": self.file,
            "inexact": self.inexact,
            "differences": self.differences,
            "box_px": self.tolerance.box_px,
            "score": self.tolerance.score,
            "reason": self.tolerance.reason,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GoldenResult:
        """The inverse of `to_json`."""
        return cls(
            name=data["name"],
            outcome=GoldenOutcome(data["outcome"]),
            file=data["file"],
            inexact=data["inexact"],
            differences=tuple(data["differences"]),
            tolerance=Tolerance(data["box_px"], data["score"], data["reason"]),
        )


def demanded(demand: GoldenDemand, accepted: Tolerance) -> Tolerance:
    """The tolerance that a demand comes to, of a golden that was `accepted` with one of its own."""
    asked = Tolerance(
        accepted.box_px if demand.box_px is None else demand.box_px,
        accepted.score if demand.score is None else demand.score,
        demand.reason,
    )
    return asked if demand.reason or asked.is_looser_than(accepted) else replace(asked, reason=accepted.reason)
