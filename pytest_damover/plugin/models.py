"""The models in memory: one at a time, and two only while a pair is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_damover import detectors, runners
from pytest_damover.detectors import Detector
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs import Hub

OnLoad = Callable[[str, Mapping[str, Any]], None]
"""Told the name of a revision that was just loaded, and its detector's facts."""


class Models:
    """Fetches, verifies and loads revisions when first asked for; what did not load once is not tried again."""

    def __init__(self, hub: Hub, detector: str, device: str, runner: str, on_load: OnLoad) -> None:
        self._hub = hub
        self._detector = detector
        self._asked_device = device
        self._runner_name = runner
        self._on_load = on_load
        self._runner: runners.Runner | None = None
        self._device: str | None = None
        self._loaded: dict[str, Detector] = {}
        self._failures: dict[str, Exception] = {}

    @property
    def device(self) -> str:
        """The device the models run on: `cpu` or `cuda:N`; asking for CUDA where there is none is `DamoverError`."""
        if self._device is None:
            self._device = detectors.resolve_device(self._detector, self._asked_device)
        return self._device

    def one(self, revision: Revision) -> Detector:
        """The detector of `revision`, every other one unloaded first."""
        known = self._loaded.get(revision.name)
        if known is not None and len(self._loaded) == 1:
            return known
        return self.several(revision)[0]

    def several(self, *revisions: Revision) -> tuple[Detector, ...]:
        """The detectors of `revisions`, all resident, every other one unloaded first."""
        if self._runner is None:
            self._runner = runners.open_runner(self._runner_name, self._detector, self.device)
        wanted = {revision.name for revision in revisions}
        for name in [name for name in self._loaded if name not in wanted]:
            del self._loaded[name]
            self._runner.unload(name)
        return tuple(self._load(self._runner, revision) for revision in revisions)

    def close(self) -> None:
        """Unload everything."""
        if self._runner is not None:
            self._loaded.clear()
            self._runner.close()

    def _load(self, runner: runners.Runner, revision: Revision) -> Detector:
        name = revision.name
        if name in self._failures:
            raise self._failures[name]
        if name not in self._loaded:
            try:
                self._loaded[name] = runner.load(name, self._hub.fetch(revision), beside=True)
            except Exception as error:
                self._failures[name] = error
                raise
            self._on_load(name, self._loaded[name].facts)
        return self._loaded[name]
