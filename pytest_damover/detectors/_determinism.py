"""The switch that makes a model answer the same way twice, or say which of its operations cannot."""

from __future__ import annotations

import random
import sys
from collections.abc import MutableMapping
from types import MappingProxyType
from typing import Any

import numpy as np

from pytest_damover.detectors import Detector
from pytest_damover.domain.detection import Detections
from pytest_damover.images import Image

SEED = 0
WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
WORKSPACES = (":4096:8", ":16:8")
"""With these two cuBLAS is deterministic (its documentation, "Results reproducibility"); the first is the fast one."""


def prepare(environment: MutableMapping[str, str]) -> None:
    """Tell cuBLAS, which reads this when CUDA starts: it must be there before."""
    if environment.get(WORKSPACE) not in WORKSPACES:
        environment[WORKSPACE] = WORKSPACES[0]


def switch_on() -> None:
    """In this process, where torch is imported if it is used at all.

    An operation that has no deterministic implementation raises from now on: a warning would be lost in a child, and
    the run would be called what it is not.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.use_deterministic_algorithms(True, warn_only=False)
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
    seed()


def is_on() -> bool:
    """True unless torch is there and takes any operation."""
    torch = sys.modules.get("torch")
    if torch is None:
        return True
    enabled: bool = torch.are_deterministic_algorithms_enabled()
    return enabled and not torch.is_deterministic_algorithms_warn_only_enabled()


def seed() -> None:
    """The same random numbers from here on: Python's, numpy's, and torch's on every device."""
    random.seed(SEED)
    np.random.seed(SEED)  # what a model's code draws from is not ours to choose
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(SEED)


class Deterministic:
    """A detector whose every call begins with the same random numbers, so that no answer hangs on those before it."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.facts = MappingProxyType({**detector.facts, "deterministic": is_on()})  # a model's code may have undone it

    @property
    def raw(self) -> Any:
        """The object that the loader made."""
        return self._detector.raw

    def __call__(self, image: Image) -> Detections:
        """Detections of one image."""
        seed()
        return self._detector(image)

    def close(self) -> None:
        """Let go of the model."""
        self._detector.close()

    def __getattr__(self, name: str) -> Any:
        """What only some detectors offer, as the detector itself does."""
        return getattr(self._detector, name)
