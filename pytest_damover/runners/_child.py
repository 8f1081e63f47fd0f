"""The life of one child: confined first, then it loads a revision and answers until it is told to stop."""

from __future__ import annotations

import gc
import os
import resource
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pytest_damover import confine, detectors
from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import time_call
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
        detector = detectors.load_detector(order.detector, Path(order.folder), order.device)
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
    height_px, width_px = header["size"]
    image = Image(header["key"], None, pixels.get(height_px, width_px), header["sha256"])
    if header["do"] == "time":
        gc.disable()
        try:
            took_ns, found = time_call(detector, image)
        finally:
            gc.enable()
    else:
        began_ns = time.perf_counter_ns()
        found = detector(image)
        took_ns = time.perf_counter_ns() - began_ns
    numbers = np.concatenate([found.boxes.reshape(-1), found.scores]).astype("<f8", copy=False)
    return {"labels": found.labels, "ns": took_ns, **_peaks()}, numbers.tobytes()


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
