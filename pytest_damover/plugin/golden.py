"""The `golden` fixture: three outcomes, match, drift and missing; and a run that writes goldens passes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pytest_damover import images
from pytest_damover.domain.case import GoldenDemand
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.golden_file import Asker, GoldenKey, Setting, family_of
from pytest_damover.domain.golden_result import GoldenOutcome, GoldenResult, Tolerance
from pytest_damover.domain.journal import Outcome
from pytest_damover.domain.revision import Revision
from pytest_damover.plugin.goldens import Asked

if TYPE_CHECKING:
    from pytest_damover.plugin.gather import Gather

KIND = "golden"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


@dataclass(slots=True)
class Shown:
    """What the detectors of one test have found, by whom and in which image: a golden is of both."""

    found: list[tuple[Detections, Revision, str]] = field(default_factory=list)

    def of(self, detections: Detections) -> tuple[Revision | None, str | None]:
        """Whose detections these are and of which image; neither is known of some that the test has made itself."""
        for one, revision, image_sha256 in reversed(self.found):
            if one is detections:
                return revision, image_sha256
        return None, None


@dataclass(slots=True)
class Held:
    """What became of the goldens that one test asked for; `fault`: one of them could not be asked at all."""

    results: list[GoldenResult] = field(default_factory=list)
    fault: str = ""


SHOWN = pytest.StashKey[Shown]()
HELD = pytest.StashKey[Held]()


class GoldenFixture:
    """`golden(detections, name)` of one test; a test that lacks a golden goes on, and is shown as skipped."""

    def __init__(self, state: Gather, suite: str, revision: Revision, shown: Shown, held: Held) -> None:
        self._state = state
        self._suite = suite
        self._revision = revision
        self._shown = shown
        self._held = held

    def __call__(
        self, detections: Detections, name: str, tolerance: Tolerance | None = None, image: Any = None
    ) -> GoldenResult:
        """Fail the test when `detections` drifted from the golden of that name.

        The revision and the image are those that `detector` or `pair` was called with; `image` says it of detections
        that the test has changed. A `tolerance` that is looser than the golden was accepted with needs a reason.
        """
        if NAME.fullmatch(name) is None:
            allowed = "1 to 100 letters, digits, '.', '_', '-', no leading '.' or '-'"
            raise DamoverError(Fault(Code.GOLDEN, f"golden name {name!r}", "no golden can be called so", allowed))
        try:
            result = self._state.goldens.hold(self._suite, self._asked(detections, name, tolerance, image))
        except DamoverError as error:
            self._held.fault = str(error)
            raise
        self._held.results.append(result)
        if result.outcome is GoldenOutcome.DRIFT:
            pytest.fail("\n  ".join((told(result), *result.differences)), pytrace=False)
        return result

    def _asked(self, detections: Detections, name: str, tolerance: Tolerance | None, image: Any) -> Asked:
        revision, image_sha256 = self._shown.of(detections)
        revision = revision or self._revision
        if image is not None:
            image_sha256 = images.open_image(image).sha256
        models = self._state.models
        key = GoldenKey(Asker.TEST, name, family_of(revision), Setting.of(models.device, models.facts(revision.name)))
        demand = (
            GoldenDemand() if tolerance is None else GoldenDemand(tolerance.box_px, tolerance.score, tolerance.reason)
        )
        return Asked(key, revision, detections, image_sha256, demand)


def outcomes_of(result: GoldenResult) -> tuple[Outcome, ...]:
    """A comparison as the outcome of a demand; nothing where nothing was compared."""
    if result.outcome is GoldenOutcome.MATCH:
        return (Outcome(KIND, True, told(result)),)
    if result.outcome is GoldenOutcome.DRIFT:
        return (Outcome(KIND, False, f"{told(result)} {'; '.join(result.differences)}"),)
    return ()


def told(result: GoldenResult) -> str:
    """What became of a comparison, in a line; the differences follow it."""
    aside = f" ({result.inexact})" if result.inexact else ""
    return {
        GoldenOutcome.MATCH: f"golden {result.name} matches{aside}",
        GoldenOutcome.DRIFT: f"drift from golden {result.name}{aside}:",
        GoldenOutcome.MISSING: f"golden {result.name} is missing:",
        GoldenOutcome.WRITTEN: f"golden {result.name} was written; a run that writes goldens compares nothing:",
    }[result.outcome]


def goldens_of(item: pytest.Item) -> tuple[GoldenResult, ...]:
    """What became of the goldens that a test asked for."""
    held = item.stash.get(HELD, None)
    return () if held is None else tuple(held.results)


def fault_of(item: pytest.Item) -> str:
    """Why a test could not be held to a golden at all; '' when nothing was in the way."""
    held = item.stash.get(HELD, None)
    return "" if held is None else held.fault


def why_not_compared(results: Sequence[GoldenResult]) -> str:
    """In words, the goldens that an item asked for and was not held to; '' when it was held to all of them."""
    open_ones = [one for one in results if one.outcome in (GoldenOutcome.MISSING, GoldenOutcome.WRITTEN)]
    return "; ".join(f"{told(one)} {', '.join(one.differences)}" for one in open_ones)
