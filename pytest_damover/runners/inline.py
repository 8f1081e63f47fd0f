"""Runs detectors in this process, one revision loaded at a time unless two are asked for side by side."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from pytest_damover.detectors import Detector, gpus, load_detector, resolve_device
from pytest_damover.runners._timeouts import Timeouts


class InlineRunner:
    """Detectors of one kind on one device, in this process."""

    def __init__(self, detector_name: str, device: str, deterministic: bool = False) -> None:
        self._detector_name = detector_name
        self._deterministic = deterministic
        self._asked_device = device
        self._device: str | None = None
        self._loaded: dict[str, tuple[Path, Detector]] = {}

    @property
    def device(self) -> str:
        """The device the models run on; asking for CUDA where there is none is `DamoverError`."""
        if self._device is None:
            self._device = resolve_device(self._detector_name, self._asked_device)
        return self._device

    @property
    def gpus(self) -> tuple[str, ...]:
        """The UUIDs of the GPUs that this process may use, `cuda:0` first; none where the device is the CPU."""
        return gpus(self._detector_name) if self.device.startswith("cuda") else ()

    def use(self, device: str) -> None:
        """Ask for another device, before anything is loaded."""
        self._asked_device, self._device = device, None

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the revisions that are loaded now, oldest first."""
        return tuple(self._loaded)

    def load(self, revision_name: str, folder: Path, *, beside: bool = False) -> Detector:
        """The detector of a revision; others are unloaded first unless `beside` asks to keep them."""
        known = self._loaded.get(revision_name)
        if known is not None and known[0] != folder:
            self.unload(revision_name)
            known = None
        if not beside:
            for other in [name for name in self._loaded if name != revision_name]:
                self.unload(other)
        if known is None:
            known = folder, load_detector(self._detector_name, folder, self.device, self._deterministic)
            self._loaded[revision_name] = known
        return known[1]

    def unload(self, revision_name: str) -> None:
        """Free one revision and give its memory back; nothing happens when it is not loaded."""
        known = self._loaded.pop(revision_name, None)
        if known is None:
            return
        known[1].close()
        del known
        gc.collect()
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.empty_cache()

    def close(self) -> None:
        """Free all revisions."""
        for name in self.loaded:
            self.unload(name)


def open_runner(detector_name: str, device: str, timeouts: Timeouts, deterministic: bool) -> InlineRunner:
    """A runner in this process, where nothing can be cut short: `timeouts` are for others."""
    del timeouts
    return InlineRunner(detector_name, device, deterministic)
