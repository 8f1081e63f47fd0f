"""Runs every revision in a confined child process of its own, which a crash, a hang or a thief cannot leave.

A host process imports torch once and forks a child for each revision, so a child costs no more than loading its model.
Pixels travel through shared memory. Linux only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from pytest_damover.detectors import check_environment
from pytest_damover.detectors._timing import TimedCall
from pytest_damover.domain.detection import Detections, check_contract
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.images import Image
from pytest_damover.runners import CrashError, _answers, _memory
from pytest_damover.runners._hosting import Child, Host
from pytest_damover.runners._timeouts import Timeouts

MAX_CRASHES = 3
MAX_FACTS_CHARACTERS = 100_000


_Message = tuple[dict[str, Any], bytes]


class RemoteDetector:
    """A detector in a child process; after a crash the next call begins with a clean child, a few times."""

    def __init__(self, host: Host, name: str, folder: Path, device: str) -> None:
        self._host = host
        self._name = name
        self._folder = folder
        self._device = device
        self._child: Child | None = None
        self._begun: Image | None = None
        self._is_warm = False
        self._unheard: CrashError | None = None
        self.took_ns = 0
        self._peak_bytes: tuple[int | None, int | None] = (None, None)
        self._crashes: list[CrashError] = []
        self.facts: Mapping[str, Any] = MappingProxyType({})
        try:
            self._load()
        except CrashError as crash:  # what cannot even be loaded did not crash in a case
            raise DamoverError(*crash.faults) from crash

    @property
    def folder(self) -> Path:
        """Where the revision was loaded from."""
        return self._folder

    @property
    def raw(self) -> Any:
        """Refused: the model is in another process."""
        allowed = "the `model` fixture, which loads it in the test's own process"
        raise DamoverError(Fault(Code.RUNNER, self._name, "the model is in a process of its own", allowed))

    def __call__(self, image: Image) -> Detections:
        """Detections of one image, checked here against the output contract: the child is not believed."""
        found = self._detections(*self._ask("detect", image))
        return check_contract(found, image.width_px, image.height_px)

    def begin(self, image: Image) -> None:
        """Let the child start on an image whose pixels are decoded; the next call, of the same image, waits for it."""
        if self._child is None:
            return
        try:
            self._send(self._child, "detect", image)
            self._begun = image
        except CrashError as crash:  # nobody is waiting for this call yet: the next one is told
            self._crashed(crash)
            self._unheard = crash

    def timed(self, image: Image) -> tuple[int, Detections]:
        """Nanoseconds of one call, measured in the child, and what it found."""
        found = self._detections(*self._ask("time", image))
        return self.took_ns, check_contract(found, image.width_px, image.height_px)

    def timed_in_phases(self, image: Image) -> TimedCall:
        """As `timed`, with what the child tells of the call's phases: see `_answers.phases_in`."""
        header, payload = self._ask("phases", image)
        found = check_contract(self._detections(header, payload), image.width_px, image.height_px)
        return TimedCall(self.took_ns, found, _answers.phases_in(header, self.took_ns, self._name))

    def timed_batch(self, images: Sequence[Image]) -> tuple[int, tuple[Detections, ...]]:
        """Nanoseconds of one call with several images of one size, measured in the child, and what it found in each."""
        first = images[0]
        stacked = Image(first.key, None, np.concatenate([image.pixels for image in images]), "")
        header, payload = self._ask("batch", stacked, images)
        several = _answers.several(header, payload, len(images), self._name)
        return self.took_ns, tuple(check_contract(one, first.width_px, first.height_px) for one in several)

    @property
    def pid(self) -> int | None:
        """The child's process; None when it has none."""
        return None if self._child is None else self._child.pid

    @property
    def peak_bytes(self) -> tuple[int | None, int | None]:
        """The most memory that the child took until its last answer, resident and on the GPU, as it says itself."""
        return self._peak_bytes

    @property
    def held(self) -> Mapping[str, int]:
        """Bytes that the child holds now, resident and on the GPU; see `_memory.held_by`."""
        return {} if self.pid is None else _memory.held_by(self.pid, str(self.facts.get("gpu_uuid", "")))

    def close(self) -> None:
        """End the child."""
        child, self._child, self._begun = self._child, None, None
        if child is not None:
            child.close()

    def _ask(self, what: str, image: Image, batch: Sequence[Image] = ()) -> _Message:
        begun, self._begun = self._begun, None
        unheard, self._unheard = self._unheard, None
        if unheard is not None:
            raise unheard
        child = self._child or (self._load_again() if self._crashes else self._load())
        try:
            if begun is not None and (begun is not image or what != "detect"):
                self._waited_for(child, "detect", begun)
                begun = None
            if begun is None:
                self._send(child, what, image, batch)
            return self._waited_for(child, what, image, max(1, len(batch)))
        except CrashError as crash:
            self._crashed(crash)
            raise
        except DamoverError:
            raise
        except BaseException:  # broken off: what the child says now would be the answer to the next question
            self.close()
            raise

    def _send(self, child: Child, what: str, image: Image, batch: Sequence[Image] = ()) -> None:
        pixels = image.pixels
        child.pixels.put(pixels)
        header: dict[str, Any] = {"do": what, "key": image.key, "sha256": image.sha256, "size": pixels.shape[:2]}
        if batch:
            header["batch"] = [(one.key, one.sha256) for one in batch]
        child.send(header, f"{what} {image.key}".rstrip(), self._host.timeouts.case)

    def _waited_for(self, child: Child, what: str, image: Image, images: int = 1) -> _Message:
        limits = self._host.timeouts
        limit_s = images * (limits.case if self._is_warm else limits.warm_up)
        header, payload = child.receive(f"{what} {image.key}".rstrip(), limit_s)
        self._is_warm = True
        took_ns = header.get("ns")
        if type(took_ns) is not int or took_ns <= 0:
            raise DamoverError(Fault(Code.RUNNER, self._name, f"a call that took {took_ns!r} ns", "more than 0 ns"))
        self.took_ns = took_ns
        resident, gpu = (header.get(key) for key in ("peak", "gpu_peak"))
        self._peak_bytes = (resident if type(resident) is int else None, gpu if type(gpu) is int else None)
        return header, payload

    def _crashed(self, crash: CrashError) -> None:
        self._child = self._begun = None
        self._crashes.append(crash)

    def _detections(self, header: Mapping[str, Any], payload: bytes) -> Detections:
        return _answers.detections(header.get("labels"), payload, self._name)

    def _load_again(self) -> Child:
        """A clean child after a crash; when there is none to be had, that is the crash's doing."""
        first = self._crashes[0].faults[0]
        if len(self._crashes) >= MAX_CRASHES:
            found = f"crashed {len(self._crashes)} times and is not loaded again; first: {first.found}"
            raise CrashError(Fault(Code.RUNNER, self._name, found, next_step=first.next_step))
        try:
            return self._load()
        except CrashError:
            raise
        except DamoverError as error:
            found = f"does not load again ({error.faults[0].found}) after it crashed: {first.found}"
            self._crashes.append(CrashError(Fault(Code.RUNNER, self._name, found, next_step=first.next_step)))
            raise self._crashes[-1] from error

    def _load(self) -> Child:
        self._is_warm = False
        child = self._host.fork(self._name, self._folder, self._device)
        try:
            before, _ = child.receive("load", self._host.timeouts.start)  # nothing of the model's has run yet
            header, _ = child.receive("load", self._host.timeouts.load)
            facts, confinement = _mapping(header, "facts"), _mapping(before, "confinement")
            self.facts = MappingProxyType({**facts, "runner": "process", "confinement": confinement})
        except CrashError as crash:
            self._crashes.append(crash)
            raise
        except BaseException:
            child.close()
            raise
        self._child = child
        return child


class ProcessRunner:
    """Revisions of one detector on one device, each in a child process."""

    def __init__(self, detector_name: str, device: str, timeouts: Timeouts, deterministic: bool = False) -> None:
        self._asked_device = device
        self._host = Host(detector_name, timeouts, deterministic)
        self._device: str | None = "cpu" if device == "cpu" else None
        self._gpus: tuple[str, ...] = ()
        self._loaded: dict[str, RemoteDetector] = {}

    @property
    def device(self) -> str:
        """The device the models run on; asking for CUDA where there is none is `DamoverError`."""
        if self._device is None:
            self._device, self._gpus = self._host.device(self._asked_device)
        return self._device

    @property
    def gpus(self) -> tuple[str, ...]:
        """The UUIDs of the GPUs that this process may use, `cuda:0` first; none where the device is the CPU."""
        return self._gpus if self.device.startswith("cuda") else ()

    def use(self, device: str) -> None:
        """Ask for another device, before anything is loaded."""
        self._asked_device, self._device = device, None

    def load(self, revision_name: str, folder: Path, *, beside: bool = False) -> RemoteDetector:
        """The detector of a revision; others are unloaded first unless `beside` asks to keep them."""
        known = self._loaded.get(revision_name)
        if known is not None and known.folder != folder:
            self.unload(revision_name)
            known = None
        if not beside:
            for other in [name for name in self._loaded if name != revision_name]:
                self.unload(other)
        if known is None:
            known = RemoteDetector(self._host, revision_name, folder, self.device)
            self._loaded[revision_name] = known
        return known

    def unload(self, revision_name: str) -> None:
        """End the child of one revision; nothing happens when it is not loaded."""
        known = self._loaded.pop(revision_name, None)
        if known is not None:
            known.close()

    def close(self) -> None:
        """End every child, and the host."""
        for name in tuple(self._loaded):
            self.unload(name)
        self._host.close()


def open_runner(detector_name: str, device: str, timeouts: Timeouts, deterministic: bool) -> ProcessRunner:
    """A runner in child processes; it begins at once to import what the detector needs.

    Raises `DamoverError` where children cannot be confined at all.
    """
    if sys.platform != "linux":
        found = f"child processes are confined on Linux only, this is {sys.platform}"
        allowed = "--damover-runner inline, which runs the model's code in this process"
        raise DamoverError(Fault(Code.RUNNER, "runner process", found, allowed))
    check_environment()
    return ProcessRunner(detector_name, device, timeouts, deterministic)


def _mapping(header: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = header.get(key)
    if not isinstance(found, dict) or len(json.dumps(found)) > MAX_FACTS_CHARACTERS:
        allowed = f"an object of at most {MAX_FACTS_CHARACTERS} characters"
        raise DamoverError(Fault(Code.RUNNER, "runner process", f"a child told no {key}", allowed))
    return found
