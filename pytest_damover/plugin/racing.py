"""The race of one candidate against the baseline over a suite's images, as an item."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter_ns
from typing import Any

from pytest_damover import race
from pytest_damover.detectors import Detector
from pytest_damover.domain.case import Case
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.golden import drift
from pytest_damover.domain.golden_result import Tolerance
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.policy_costs import LatencyRule, ThroughputRule
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.rules.latency import is_decided
from pytest_damover.domain.run import DETECT, LATENCY, PlanItem
from pytest_damover.domain.timing.looks import OCTET_PAIRS, looks_of
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.timing.race_times import BatchPairs, RaceTimes
from pytest_damover.images import Image
from pytest_damover.plugin import gather
from pytest_damover.plugin.items import DamoverItem
from pytest_damover.plugin.models import Models
from pytest_damover.race import batches, crowding, placing, watching
from pytest_damover.runners import CrashError
from pytest_damover.suites import Suite

Peak = tuple[int | None, int | None]
"""Most bytes, resident and on the GPU; None where nobody can tell."""


class ChangedError(Exception):
    """A side found other things while it was timed than in its case."""

    def __init__(self, revision: str, text: str) -> None:
        super().__init__(f"{revision} found other things while it was timed than in its case: {text}")
        self.revision = revision


class LatencyItem(DamoverItem):
    """The race of one candidate against the baseline over a suite's images."""

    is_pair = True

    def __init__(
        self,
        *,
        suite: Suite,
        candidate: Revision,
        rule: LatencyRule,
        loads: int = 0,
        throughput: ThroughputRule | None = None,
        **kwargs: Any,
    ) -> None:
        self.revision_name = candidate.name
        super().__init__(label=LATENCY, **kwargs)
        self.suite = suite
        self.candidate = candidate
        self.rule = rule
        self.loads = loads
        self.throughput = throughput
        self.looks = tuple(look.pairs for look in looks_of(rule))
        self.plan_item = PlanItem(suite.name, LATENCY, LATENCY, candidate.name)
        state = gather.of(self.config)
        baseline = state.lineup.baseline
        assert baseline is not None
        self.sides = (baseline, candidate)
        self.cases = self._cases()
        state.raced.update(self._case_key(case, side) for case in self.cases for side in self.sides)

    def execute(self) -> Finished:
        state, key = gather.of(self.config), self.plan_item.key  # type: ignore[union-attr]
        device, heats = "", Heats(state.models, self.sides)
        try:
            heats.sides(0)
            device = state.models.device
            began = perf_counter_ns()
            course = self._course(heats)
            raced = race.race(heats.sides, course)
            told = heats.told(_conditions(raced))
            times = self._batched(heats, course, RaceTimes(raced.decode_ns, raced.phases_ns))
            while len(heats.loads_ns) < self.loads:
                heats.sides(len(heats.loads_ns) + 1)
        except CrashError as error:
            if error.revision != self.candidate.name:  # the candidate has not shown how fast it is, and is not to blame
                return Finished(key, ItemOutcome.ERROR, str(error), device)
            return Finished(key, ItemOutcome.FAILED, str(error), device, crashed=True)
        except ChangedError as error:
            is_candidates = error.revision == self.candidate.name
            return Finished(key, ItemOutcome.FAILED if is_candidates else ItemOutcome.ERROR, str(error), device)
        except DamoverError as error:
            return Finished(key, ItemOutcome.ERROR, str(error), device)
        except (Exception, SystemExit) as error:
            return Finished(key, ItemOutcome.ERROR, f"{type(error).__name__}: {error}", device)
        finally:
            placing.leave_core(heats.children())
        return Finished(
            item=key,
            outcome=ItemOutcome.PASSED,
            device=device,
            duration_ns=perf_counter_ns() - began,
            pairs_ns=raced.pairs_ns,
            race=replace(told, loads_ns=tuple(heats.loads_ns), times=times),
        )

    def _course(self, heats: Heats) -> race.Course:
        state = gather.of(self.config)
        images = [state.shelf.image(self.suite, case) for case in self.cases]
        names = {image.key: case for image, case in zip(images, self.cases, strict=True)}
        return race.Course(
            images=images,
            looks=self.looks,
            is_decided=partial(is_decided, self.rule),
            check=partial(self._check, names),
            watch=watching.watcher(state.models.device, heats.gpu_uuid, heats.pids),
            waited=heats.waited_ns,
        )

    def _batched(self, heats: Heats, course: race.Course, times: RaceTimes) -> RaceTimes:
        """With a race for each size of batch that the policy limits, or why there is none from some size on.

        What is found in a batch may differ by rounding where a threshold cuts, so that says nothing against a side.
        """
        if self.throughput is None:
            return times
        rule, done = self.throughput, list[BatchPairs]()
        looks = tuple(look.pairs for look in looks_of(rule.race))
        course = replace(course, looks=looks, is_decided=lambda _: False)
        why = batches.why_not(dict(zip((side.name for side in self.sides), heats.loaded, strict=True)))
        try:
            for size in () if why else rule.batch_sizes:
                done.append(batches.race_batches(heats.again, course, size))
        except ChangedError as error:
            why = f"{rule.batch_sizes[len(done)]} in a call: {error}"
        return replace(times, batches=tuple(done), unbatched=why)

    def _check(self, cases: dict[str, Case], side: int, image: Image, found: Detections) -> None:
        """What a side finds is what it found in its case, as exactly as a golden would want it."""
        recorded = gather.of(self.config).detected.get(self._case_key(cases[image.key], self.sides[side]))
        if recorded is None or recorded == found.to_json():
            return
        differences = drift(Detections.from_json(recorded), found, Tolerance())
        if differences:
            raise ChangedError(self.sides[side].name, f"{cases[image.key].name}: {'; '.join(differences[:3])}")

    def _case_key(self, case: Case, revision: Revision) -> str:
        return PlanItem(self.suite.name, case.name, DETECT, revision.name).key

    def _cases(self) -> list[Case]:
        cases = [case for case in self.suite.all_cases() if isinstance(case, Case)]
        most = self.looks[0] // OCTET_PAIRS * race.OCTET_IMAGES
        step = max(1, len(cases) // most)
        return cases[::step][:most]


@dataclass(slots=True)
class Heats:
    """Both sides, loaded anew for each heat but the first, whichever race it is of: AB BA BA AB, an octet's pairs."""

    models: Models
    revisions: tuple[Revision, Revision]
    loads_ns: list[tuple[int, int]] = field(default_factory=list)
    peaks: list[tuple[Peak, ...]] = field(default_factory=list)
    loaded: tuple[Detector, ...] = ()
    cores: list[int] = field(default_factory=list)

    def sides(self, heat: int) -> race.Sides:
        """Baseline and candidate; in the first heat as they are."""
        if heat == 0:
            self.loaded = self.models.several(*self.revisions)
        else:
            self.peaks.append(self._peaks())
            order = self.revisions[:: 1 if len(self.loads_ns) % 4 in (0, 3) else -1]
            self.models.fresh(*order)
            self.loaded = self.models.several(*self.revisions)
            before, after = (self.models.load_ns[revision.name] for revision in self.revisions)
            self.loads_ns.append((before, after))
        core = placing.share_core(self.children(), heat)
        if core is not None and core not in self.cores:
            self.cores.append(core)
        baseline, candidate = self.loaded
        return baseline, candidate

    def again(self, heat: int) -> race.Sides:
        """As `sides` for a further race: its first heat has fresh processes too, for another race went before."""
        return self.sides(heat + 1)

    @property
    def gpu_uuid(self) -> str:
        """The GPU that they are on, as NVML names it; '' without one."""
        return str(self.models.facts(self.revisions[0].name).get("gpu_uuid", ""))

    def children(self) -> set[int]:
        """The processes that they are in, where they have their own."""
        return {pid for detector in self.loaded if (pid := getattr(detector, "pid", None)) is not None}

    def waited_ns(self, side: int) -> int:
        """How long a side waited for a core since it began."""
        return crowding.waited_ns(getattr(self.loaded[side], "pid", None))

    def pids(self) -> set[int]:
        """Those, and this one where it is on a GPU itself."""
        torch = sys.modules.get("torch")
        ours = {os.getpid()} if torch is not None and torch.cuda.is_initialized() else set()
        return self.children() | ours

    def told(self, conditions: RaceConditions) -> RaceConditions:
        """With what the two sides themselves say."""
        threads = [self.models.facts(revision.name).get("threads") for revision in self.revisions]
        peaks = self._peaks()
        heats = [*self.peaks, peaks]
        return replace(
            conditions,
            cores=tuple(sorted(self.cores)),
            threads=(_count(threads[0]), _count(threads[1])),
            peak_bytes=(peaks[0][0], peaks[1][0]),
            gpu_peak_bytes=(peaks[0][1], peaks[1][1]),
            peaks_bytes=_known((before[0], after[0]) for before, after in heats),
            gpu_peaks_bytes=_known((before[1], after[1]) for before, after in heats),
        )

    def _peaks(self) -> tuple[Peak, ...]:
        return tuple(getattr(detector, "peak_bytes", (None, None)) for detector in self.loaded)


def _conditions(raced: race.Raced) -> RaceConditions:
    seen = watching.conditions(raced.samples, raced.heats, raced.thrown_away)
    before, after = raced.crowding.sides
    return replace(seen, throttled=raced.throttled, copies=raced.copies, crowded=(before, after))


def _known(heats: Iterable[Peak]) -> tuple[tuple[int, int], ...]:
    return tuple((before, after) for before, after in heats if before is not None and after is not None)


def _count(value: Any) -> int | None:
    return value if type(value) is int else None
