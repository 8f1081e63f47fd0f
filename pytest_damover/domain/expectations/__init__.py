"""Expectations: one module of this folder for each kind of demand; the folder is the registry.

A module declares `READS`, the fields of `Expected` that hold its demand, and
`evaluate(expected, detections) -> Outcome | None`, where None means that the demand was not made.
"""

from __future__ import annotations

import math
import pkgutil
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from pytest_damover.domain.case import Expected
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.journal import Outcome

NOT_FINITE = "the detections hold NaN or infinity"


class Expectation(Protocol):
    """What a module of this folder offers."""

    READS: tuple[str, ...]

    def evaluate(self, expected: Expected, detections: Detections) -> Outcome | None:
        """What became of the demand, None when it was not made."""


@cache
def registry() -> tuple[tuple[str, Expectation], ...]:
    """Every kind with its module, in the order of their names; the folder is read once."""
    kinds = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple((kind, cast("Expectation", import_module(f"{__name__}.{kind}"))) for kind in kinds)


def evaluate_all(expected: Expected, detections: Detections) -> tuple[Outcome, ...]:
    """The outcome of every demand that was made, in the order of the kinds' names.

    Detections with NaN or infinity meet no demand, for a comparison with them proves nothing.
    """
    # plain loops: this runs once for every case, and most cases make one demand
    finite = _all_finite(detections)
    outcomes = []
    for kind, module in registry():
        for name in module.READS:
            if getattr(expected, name) is not None:
                break
        else:
            continue
        outcome = module.evaluate(expected, detections) if finite else Outcome(kind, False, NOT_FINITE)
        if outcome is not None:
            outcomes.append(outcome)
    return tuple(outcomes)


def _all_finite(detections: Detections) -> bool:
    if not detections.labels:
        return True
    return math.isfinite(sum(detections.scores.tolist())) and math.isfinite(float(detections.boxes.sum()))
