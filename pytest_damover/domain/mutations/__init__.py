"""Mutations: one module of this folder for each change of a detector that the gate is scored against.

A module declares `HARM`, how much users would lose (None: harmless), and `WHY`, how it comes about in real life. It
offers `mutate(detections, context, rng) -> Detections` for a change of what the detector finds, or
`mutate_image(pixels, rng) -> pixels` for a change of what it is shown. Doses are fixed and stand in the module.

Harm is what users would see, set before any gate was asked. CRITICAL: objects that were found are lost, misplaced,
misnamed or told more than once, in most pictures of the suite or of one slice. MAJOR: in about one of ten, or every box
is off by about a tenth of its side. MINOR: in about one of thirty, or every box is off by a few pixels. Harmless: no
more than what a second run on other hardware changes. A module whose name begins with an underscore is no mutation.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import EMPTY, Detections

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Context:
    """What a mutation of the output may know of a picture: no ground truth, for a defect does not know it either.

    `slices`: those of the case, the free ones too; `labels`: every class that the suite names; `before`: what was found
    in the picture that came before.
    """

    width_px: int
    height_px: int
    slices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    before: Detections = EMPTY


@dataclass(frozen=True, slots=True)
class Mutation:
    """One module of this folder: its name, what it does, the harm of that, and how it comes about in real life."""

    name: str
    what: str
    harm: Severity | None
    why: str

    @property
    def module(self) -> ModuleType:
        """Where it is written."""
        return import_module(f"{__name__}.{self.name}")

    @property
    def of_the_image(self) -> bool:
        """True when it changes what the detector is shown, so that only the detector itself knows what comes of it."""
        return hasattr(self.module, "mutate_image")

    def mutate(self, detections: Detections, context: Context, rng: np.random.Generator) -> Detections:
        """What the changed detector finds where the unchanged one finds `detections`; they keep the output contract."""
        changed: Detections = self.module.mutate(detections, context, rng)
        return changed

    def mutate_image(self, pixels: Pixels, rng: np.random.Generator) -> Pixels:
        """What the detector is shown in place of `pixels`, (H, W, 3) uint8 RGB; the result may have another size."""
        changed: Pixels = self.module.mutate_image(pixels, rng)
        return changed


@cache
def registry() -> tuple[Mutation, ...]:
    """Every mutation, the most harmful first, then by name; the folder is read once."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    found = [_mutation(name, import_module(f"{__name__}.{name}")) for name in sorted(names)]
    order: list[Any] = [*Severity, None]
    return tuple(sorted(found, key=lambda mutation: order.index(mutation.harm)))


def _mutation(name: str, module: ModuleType) -> Mutation:
    return Mutation(name, (module.__doc__ or "").rstrip("."), module.HARM, module.WHY)
