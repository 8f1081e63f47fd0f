"""The models of a run: one revision loaded at a time, and two only while a pair is compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Any

from pytest_damover import runners
from pytest_damover.detectors import Detector
from pytest_damover.domain.revision import Revision
from pytest_damover.plugin.admission import Admissions
from pytest_damover.runners import Runner, Timeouts

OnLoad = Callable[[str, Mapping[str, Any]], None]
"""Told the name of a revision that was just loaded, and its detector's facts."""

HERE = "inline"


class Models:
    """Loads admitted revisions when first asked for; what did not load once is not tried again."""

    def __init__(
        self,
        admissions: Admissions,
        detector: str,
        device: str,
        runner: str,
        on_load: OnLoad,
        timeouts: Timeouts | None = None,
        deterministic: bool = False,
    ) -> None:
        self._deterministic = deterministic
        self._admissions = admissions
        self._detector = detector
        self._asked_device = device
        self._runner_name = runners.choose(runner, detector)
        self._on_load = on_load
        self._timeouts = timeouts
        self._runner: Runner | None = None
        self._here: Runner | None = None
        self._loaded: dict[str, Detector] = {}
        self._failures: dict[str, Exception] = {}
        self._facts: dict[str, Mapping[str, Any]] = {}
        self.load_ns: dict[str, int] = {}

    @property
    def runner_name(self) -> str:
        """Where the models run: `inline` or `process`."""
        return self._runner_name

    @property
    def runner(self) -> Runner:
        """The runner; opening it begins what takes long before it can load anything."""
        if self._runner is None:
            self._runner = self._opened(self._runner_name, self._asked_device)
        return self._runner

    @property
    def device(self) -> str:
        """The device the models run on: `cpu` or `cuda:N`; asking for CUDA where there is none is `DamoverError`."""
        return self.runner.device

    @property
    def gpus(self) -> tuple[str, ...]:
        """The UUIDs of the GPUs that this process may use, `cuda:0` first; none where the device is the CPU."""
        return self.runner.gpus

    def use(self, device: str) -> None:
        """Ask for another device, before anything is loaded."""
        self._asked_device = device
        self.runner.use(device)

    def one(self, revision: Revision) -> Detector:
        """The detector of `revision`, every other one unloaded first."""
        known = self._loaded.get(revision.name)
        if known is not None and len(self._loaded) == 1:
            return known
        return self.several(revision)[0]

    def several(self, *revisions: Revision) -> tuple[Detector, ...]:
        """The detectors of `revisions`, all resident, every other one unloaded first."""
        wanted = {revision.name for revision in revisions}
        for name in [name for name in self._loaded if name not in wanted]:
            del self._loaded[name]
            self.runner.unload(name)
        return tuple(self._load(revision) for revision in revisions)

    def fresh(self, *revisions: Revision) -> None:
        """Load `revisions` anew, in that order: what they were loaded into before is given up first."""
        for revision in revisions:
            if self._loaded.pop(revision.name, None) is not None:
                self.runner.unload(revision.name)
        for revision in revisions:
            self._load(revision)

    def raw(self, revision: Revision) -> Any:
        """The object that the loader made, in this very process, whatever the runner is."""
        if self._runner_name == HERE:
            return self.one(revision).raw
        if self._here is None:
            self._here = self._opened(HERE, self.device)
        detector = self._here.load(revision.name, self._admissions.folder(revision))
        self._facts[revision.name] = detector.facts
        self._on_load(revision.name, {**detector.facts, "runner": HERE})
        return detector.raw

    def facts(self, revision: str) -> Mapping[str, Any]:
        """What the detector of that name told when it was loaded; nothing before."""
        return self._facts.get(revision, {})

    def close(self) -> None:
        """Unload everything."""
        self._loaded.clear()
        for runner in (self._runner, self._here):
            if runner is not None:
                runner.close()
        self._runner = self._here = None

    def _opened(self, runner: str, device: str) -> Runner:
        return runners.open_runner(runner, self._detector, device, self._timeouts, self._deterministic)

    def _load(self, revision: Revision) -> Detector:
        name = revision.name
        if name in self._failures:
            raise self._failures[name]
        if name not in self._loaded:
            try:
                folder, runner = self._admissions.folder(revision), self.runner
                began_ns = perf_counter_ns()
                detector = runner.load(name, folder, beside=True)
                self.load_ns[name] = perf_counter_ns() - began_ns
            except Exception as error:
                self._failures[name] = error
                raise
            self._loaded[name] = detector
            self._facts[name] = detector.facts
            measured = {"load_ns": self.load_ns[name], **getattr(detector, "held", {})}
            self._on_load(name, {"runner": self._runner_name, **detector.facts, **measured})
        return self._loaded[name]
