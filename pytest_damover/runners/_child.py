"""The life of one child: confined first, then it loads a revision and answers until it is told to stop."""

from __future__ import annotations

import gc
import os
import resource
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pytest_damover import confine, detectors
from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import time_batch, time_call, time_phases
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.images import Image
from pytest_damover.runners import _wire
from pytest_damover.runners._fatal import fatal
from pytest_damover.runners._pixels import SeenPixels


def output_of(home: Path) -> Path:
    """Where goes what the process with that home prints: beside it, for what is in it the model's code may change."""
    return home.with_suffix(".txt")


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is to load: a detector's name, a verified folder, a device, and a home of its own."""

    detector: str
    folder: str
    device: str
    home: str
    readable: tuple[str, ...]
    memory_bytes: int | None
    deterministic: bool

    @classmethod
    def from_header(cls, header: Mapping[str, Any]) -> Order:
        """Read the message that asks for a child."""
        return cls(**{**header["order"], "readable": tuple(header["order"]["readable"])})

    def to_header(self) -> dict[str, Any]:
        """The message that asks for a child."""
        return {"do": "fork", "order": asdict(self)}


def live(order: Order, link: socket.socket, pixels: SeenPixels) -> None:
    """Confine this process, load, answer; every failure that can still be told is told."""
    try:
        _own_output(Path(order.home))
        confinement = confine.confine(
            home=Path(order.home),
            readable=[Path(path) for path in (order.folder, *order.readable)],
            gpu=order.device.startswith("cuda"),
            memory_bytes=order.memory_bytes,
        )
        _wire.send(link, {"confinement": confinement.to_json()})  # before anything of the model's could say otherwise
        detector = detectors.load_detector(order.detector, Path(order.folder), order.device, order.deterministic)
    except BaseException as error:  # sys.exit() too
        _wire.send(link, _refusal(error, order))
        return
    _wire.send(link, {"facts": dict(detector.facts)})
    gc.freeze()
    _serve(detector, order, link, pixels)


def _own_output(home: Path) -> None:
    output = os.open(output_of(home), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)


def _serve(detector: Detector, order: Order, link: socket.socket, pixels: SeenPixels) -> None:
    while True:
        try:
            header, _ = _wire.receive(link)
        except EOFError:
            return
        if header["do"] == "stop":
            return
        try:
            reply, payload = _answer(detector, header, pixels)
        except BaseException as error:  # sys.exit() too: the model's code has no say in when its process ends
            why = fatal(error)
            if why is not None:
                _wire.send(link, {"crash": why})
                return
            reply, payload = _refusal(error, order), b""
        _wire.send(link, reply, payload)


def _answer(detector: Detector, header: Mapping[str, Any], pixels: SeenPixels) -> tuple[dict[str, Any], bytes]:
    images = _images(header, pixels)
    told: dict[str, Any] = {}
    if header["do"] == "detect":
        began_ns = time.perf_counter_ns()
        found: tuple[Detections, ...] = (detector(images[0]),)
        took_ns = time.perf_counter_ns() - began_ns
    else:
        gc.disable()
        try:
            took_ns, found, told = _timed(detector, header["do"], images)
        finally:
            gc.enable()
    labels = [label for one in found for label in one.labels]
    numbers = [part for one in found for part in (one.boxes.reshape(-1), one.scores)]
    payload = np.concatenate(numbers).astype("<f8", copy=False).tobytes()
    return {"labels": labels, "ns": took_ns, **told, **_peaks()}, payload


def _timed(
    detector: Detector, what: str, images: Sequence[Image]
) -> tuple[int, tuple[Detections, ...], dict[str, Any]]:
    if what == "batch":
        took_ns, several = time_batch(detector, images)
        return took_ns, several, {"counts": [len(one) for one in several]}
    if what == "phases":
        call = time_phases(detector, images[0])
        return call.took_ns, (call.found,), {"phases": dict(call.phases_ns)}
    took_ns, found = time_call(detector, images[0])
    return took_ns, (found,), {}


def _images(header: Mapping[str, Any], pixels: SeenPixels) -> tuple[Image, ...]:
    """The one image of the message, or those of a batch, which lie below each other in the shared memory."""
    height_px, width_px = header["size"]
    parts = header.get("batch", [[header["key"], header["sha256"]]])
    all_rows = pixels.get(height_px, width_px)
    heights = height_px // len(parts)
    return tuple(
        Image(key, None, all_rows[place * heights : (place + 1) * heights], sha256)
        for place, (key, sha256) in enumerate(parts)
    )


def _peaks() -> dict[str, int]:
    """The most memory that this process has taken so far, in bytes: resident, and by torch on the GPU."""
    peaks = {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        peaks["gpu_peak"] = torch.cuda.max_memory_allocated()
    return peaks


def _refusal(error: BaseException, order: Order) -> dict[str, Any]:
    """Faults as they are; anything else that the model's code raised, as one."""
    if not isinstance(error, DamoverError):
        error = DamoverError(Fault(Code.RUNNER, Path(order.folder).name, f"{type(error).__name__}: {error}"))
    return _wire.refusal(error)


def end(code: int) -> None:
    """Leave without running what the parent's copy of the interpreter, or the model's code, wants run at the end."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
