"""How long one call of a detector takes, and each phase of it, measured where the model runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from pytest_damover.detectors import Detector
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.timing.phases import FORWARD, FORWARD_DEVICE, IN_ORDER
from pytest_damover.images import Image

Clock = Callable[[], int]
Timed = tuple[int, Detections]
TimedBatch = tuple[int, tuple[Detections, ...]]
Mark = Callable[[str], None]


class Phased(Protocol):
    """A detector that can tell when the phases of its calls begin; without it there are just whole calls."""

    def phases(self, mark: Mark) -> AbstractContextManager[None]:
        """While it is open, a call says `mark("forward")` and `mark("postprocess")` as each of them begins."""
        ...


class Batching(Protocol):
    """A detector that takes several images in one call, and says so under `batches` in its facts."""

    def batch(self, images: Sequence[Image]) -> tuple[Detections, ...]:
        """What is found in each of `images`, which are of one size, by one call of the model for all of them."""
        ...


@dataclass(frozen=True, slots=True)
class TimedCall:
    """Nanoseconds of one call, what it found, and nanoseconds by phase where the detector tells them."""

    took_ns: int
    found: Detections
    phases_ns: Mapping[str, int] = field(default_factory=dict)


def time_call(detector: Detector, image: Image, clock: Clock = time.perf_counter_ns) -> Timed:
    """Nanoseconds of one call on an image that is decoded already, and what it found; a GPU is waited for on both ends.

    A detector that runs elsewhere measures itself there (`timed`), so that the way to it and back does not count.
    """
    elsewhere: Callable[[Image], Timed] | None = getattr(detector, "timed", None)
    if elsewhere is not None:
        return elsewhere(image)
    return _timed(lambda: detector(image), clock)


def time_phases(detector: Detector, image: Image, clock: Clock = time.perf_counter_ns) -> TimedCall:
    """As `time_call`, with the phases of a detector that is `Phased`; a GPU is waited for between them too.

    Where it runs elsewhere it tells them from there (`timed_in_phases`). The phases of a call that did not go through
    each of them once, in order, are left out.
    """
    elsewhere: Callable[[Image], TimedCall] | None = getattr(detector, "timed_in_phases", None)
    if elsewhere is not None:
        return elsewhere(image)
    phases: Callable[[Mark], AbstractContextManager[None]] | None = getattr(detector, "phases", None)
    if phases is None:
        return TimedCall(*time_call(detector, image, clock))
    splits = _Splits(clock)
    with phases(splits.mark):
        wait_for_device()
        splits.begin()
        found = detector(image)
        wait_for_device()
        ended_ns = clock()
    return TimedCall(ended_ns - splits.began_ns[0][1], found, splits.until(ended_ns))


def time_batch(detector: Any, images: Sequence[Image], clock: Clock = time.perf_counter_ns) -> TimedBatch:
    """Nanoseconds of one call of a `Batching` detector with all `images`, and what it found in each."""
    elsewhere: Callable[[Sequence[Image]], TimedBatch] | None = getattr(detector, "timed_batch", None)
    if elsewhere is not None:
        return elsewhere(images)
    took_ns, found = _timed(lambda: detector.batch(images), clock)
    return took_ns, tuple(found)


def can_batch(detector: Detector) -> bool:
    """True when the detector says that it takes several images in one call."""
    return detector.facts.get("batches") is True


@dataclass(slots=True)
class _Splits:
    """When each phase of one call began; the events of the GPU's own clock stand around its forward phase."""

    clock: Clock
    began_ns: list[tuple[str, int]] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    def begin(self) -> None:
        self.began_ns.append((IN_ORDER[0], self.clock()))

    def mark(self, phase: str) -> None:
        if self.events:
            self._record_event()
        wait_for_device()
        self.began_ns.append((phase, self.clock()))
        if phase == FORWARD:
            self._record_event()

    def until(self, ended_ns: int) -> dict[str, int]:
        if tuple(name for name, _ in self.began_ns) != IN_ORDER:
            return {}
        ends = [began for _, began in self.began_ns[1:]] + [ended_ns]
        phases_ns = {name: end - began for (name, began), end in zip(self.began_ns, ends, strict=True)}
        if len(self.events) == 2:
            phases_ns[FORWARD_DEVICE] = round(self.events[0].elapsed_time(self.events[1]) * 1e6)
        return phases_ns

    def _record_event(self) -> None:
        torch = _torch_on_gpu()
        if torch is not None:
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            self.events.append(event)


def _timed(call: Callable[[], Any], clock: Clock) -> tuple[int, Any]:
    wait_for_device()
    began = clock()
    found = call()
    wait_for_device()
    return clock() - began, found


def wait_for_device() -> None:
    """Wait until the GPU, where this process uses one, has done all that it was given."""
    torch = _torch_on_gpu()
    if torch is not None:
        torch.cuda.synchronize()


def _torch_on_gpu() -> Any:
    torch = sys.modules.get("torch")
    return torch if torch is not None and torch.cuda.is_initialized() else None
