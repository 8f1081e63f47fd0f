"""How often a model is called slower than itself, and how often a true slow-down is seen: three ways to measure.

    python -m benchmarks.race_calibration [--repetitions 60] [--itself 1] [--pairs 100] [--limit 1.05] [--slowdown 0.1]
                                          [--revision v1.0.0] [--device cpu] [--apart] [--keep PAIRS.jsonl]

The demo's revision is loaded twice, each in a child process, and raced against itself, then against a copy of it whose
every call takes a tenth longer. The three ways run in turn in every repetition, so the machine is the same to all. With
`--itself 5` ours races the model against itself five times in each, for 60 races cannot tell an interval that holds the
truth in 95 % of them from one that does in 92 %.

(a) the usual recipe: 10 calls to warm up, then the mean of 100 calls, one model after the other;
(b) sequential medians: the same calls, the medians compared;
(c) ours: the race of the gate, at its looks, up to `--pairs` pairs, judged by its interval.

Once on the machine as it is, once with a neighbour process for every second core that multiplies matrices in bursts, on
all cores at once. An alarm is a slow-down beyond the limit that is claimed: of (a) and (b) a ratio above it, of (c) an
interval above it. Prints for each way the share of alarms without and with a slow-down (false alarms, power); for (c)
also how often the interval of a model against itself held 1 and its mean half-width, where the race would have ended
and at its last look, how many pairs were taken, and how many more were run anew because a side was crowded. Each
slow-down that ours did not see is told with its interval and the load, and `--keep` appends the pairs of every race to
a file.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pytest_damover import runners
from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import time_call
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.policy_costs import LatencyRule
from pytest_damover.domain.rules.latency import is_decided
from pytest_damover.domain.timing.latency import race_under
from pytest_damover.domain.timing.looks import looks_of
from pytest_damover.images import Image, open_image
from pytest_damover.race import Course, Raced, race
from pytest_damover.race.crowding import waited_ns
from pytest_damover.race.placing import share_core

ROOT = Path(__file__).parent.parent
WARM_UP, CALLS = 10, 100
FIRST_LOOK = 20
NAMES = ("one", "the same")
WAYS = ("(a) usual recipe", "(b) sequential medians", "(c) ours")


SLOWER = """

import time as _time

from modelscope.pipelines.base import Pipeline as _Pipeline

_call = _Pipeline.__call__


def _slower(*args, **named):
    began = _time.perf_counter_ns()
    found = _call(*args, **named)
    until = began + (_time.perf_counter_ns() - began) * {pace}
    while _time.perf_counter_ns() < until:
        pass
    return found


_Pipeline.__call__ = _slower
"""
"""What makes a repository's pipeline really take longer: it runs in the child of that side alone."""


@dataclass(slots=True)
class Tally:
    """What came of one way to measure, with or without a slow-down."""

    races: int = 0
    alarms: int = 0
    covered: int = 0
    halves: list[float] = field(default_factory=list)
    full_covered: int = 0
    full_halves: list[float] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)
    anew: list[float] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    """How each race without an alarm ended."""


@contextlib.contextmanager
def neighbours(wanted: bool) -> Iterator[None]:
    """Other processes, one for every second core, that keep all cores busy in bursts."""
    count = max(1, (os.cpu_count() or 2) // 2) if wanted else 0
    busy = [multiprocessing.get_context("spawn").Process(target=_bursts, daemon=True) for _ in range(count)]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        for process in busy:
            process.terminate()
            process.join()


def _bursts() -> None:
    import numpy as np

    rng = np.random.default_rng()
    matrix = rng.random((400, 400))
    while True:
        until = time.monotonic() + rng.uniform(0.05, 1.0)
        while time.monotonic() < until:
            matrix @ matrix
        time.sleep(rng.uniform(0.05, 1.0))


class Track:
    """Two children, which are forked anew for each heat, and the images they run on."""

    def __init__(self, folders: tuple[Path, Path], device: str, images: list[Image], apart: bool) -> None:
        self.runner = runners.open_runner("process", "modelscope", device)
        self.folders = dict(zip(NAMES, folders, strict=True))
        self.images, self.apart = images, apart
        self.pids: list[int] = []

    def anew(self, heat: int) -> tuple[Detector, Detector]:
        for name in NAMES[:: 1 if heat % 4 < 2 else -1]:
            self.runner.unload(name)
            self.runner.load(name, self.folders[name], beside=True)
        first, second = (self.runner.load(name, self.folders[name], beside=True) for name in NAMES)
        return first, second

    def sides(self, heat: int) -> tuple[Detector, Detector]:
        both = self.anew(heat)
        self.pids = [side.pid for side in both]  # type: ignore[attr-defined]
        if not self.apart:
            share_core(self.pids, heat)
        return both

    def one_after_the_other(self) -> tuple[list[int], list[int]]:
        both = []
        for detector in self.anew(0):
            taken = [time_call(detector, self.images[turn % len(self.images)])[0] for turn in range(WARM_UP + CALLS)]
            both.append(taken[WARM_UP:])
        return both[0], both[1]

    def ours(self, rule: LatencyRule) -> tuple[Raced, int]:
        """All pairs up to the budget, and at how many of them the race would have ended."""
        looks = [look.pairs for look in looks_of(rule)]
        raced = race(self.sides, Course(self.images, looks, waited=lambda side: waited_ns(self.pids[side])))
        return raced, next((look for look in looks if is_decided(rule, raced.pairs_ns[:look])), looks[-1])


@contextlib.contextmanager
def slowed(folder: Path, share: float) -> Iterator[Path]:
    """A copy of a revision whose every call takes that share longer."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(folder, Path(scratch) / folder.name))
        with (copy / "damoyolo.py").open("a") as code:
            code.write(SLOWER.replace("{pace}", str(1 + share)))
        yield copy


def race_usual(track: Track, limit: float, tallies: dict[str, Tally]) -> None:
    before, after = track.one_after_the_other()
    for name, centre in zip(WAYS, (statistics.mean, statistics.median), strict=False):
        tallies[name].races += 1
        tallies[name].alarms += centre(after) / centre(before) > limit


def race_ours(track: Track, rule: LatencyRule, tally: Tally) -> Raced:
    raced, end = track.ours(rule)
    pairs, limit = raced.pairs_ns, rule.max_ratio or 1.0
    low, high = race_under(rule, pairs[:end]).interval or (0.0, float("inf"))
    full_low, full_high = race_under(rule, pairs).interval or (0.0, float("inf"))
    tally.races += 1
    tally.alarms += low > limit
    if low <= limit:
        tally.silent.append(f"{low:.3f} to {high:.3f} after {end} pairs, load {os.getloadavg()[0]:.1f}")
    tally.covered += low <= 1 <= high
    tally.halves.append((high - low) / 2)
    tally.full_covered += full_low <= 1 <= full_high
    tally.full_halves.append((full_high - full_low) / 2)
    tally.pairs.append(end)
    tally.times_ms += [time_ns / 1e6 for time_ns, _ in pairs]
    tally.anew.append(2 * raced.crowding.quads / len(pairs))
    return raced


def show(machine: str, without: dict[str, Tally], slowed: dict[str, Tally]) -> None:
    for name, quiet in without.items():
        cells = [machine, name, *(f"{one.alarms / one.races:.1%}" for one in (quiet, slowed[name]))]
        if quiet.halves:
            cells += [
                f"{quiet.covered / quiet.races:.1%}",
                f"{statistics.mean(quiet.halves):.2%}",
                f"{quiet.full_covered / quiet.races:.1%}",
                f"{statistics.mean(quiet.full_halves):.2%}",
                " / ".join(f"{statistics.mean(one.pairs):.0f}" for one in (quiet, slowed[name])),
                " / ".join(f"{statistics.mean(one.anew):.0%}" for one in (quiet, slowed[name])),
                f"{statistics.median(quiet.times_ms):.1f} ms",
            ]
        else:
            cells += ["-"] * 7
        print(f"| {' | '.join(cells)} |", flush=True)


def keep(path: Path, machine: str, slowed: bool, raced: Raced) -> None:
    with path.open("a") as lines:
        kept = {"machine": machine, "slowed": slowed, "crowded": raced.crowding.sides, "pairs_ns": raced.pairs_ns}
        lines.write(json.dumps(kept) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=60)
    parser.add_argument("--itself", type=int, default=1, help="races of ours without a slow-down in each repetition")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--limit", type=float, default=1.05)
    parser.add_argument("--slowdown", type=float, default=0.1)
    parser.add_argument("--revision", default="v1.0.0")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--apart", action="store_true", help="ours without putting both sides on one core")
    parser.add_argument("--keep", type=Path, help="append the pairs of all races, in nanoseconds")
    options = parser.parse_args()
    images = [open_image(path, path.name) for path in sorted((ROOT / "suites/phone/images").iterdir())[:10]]
    folder = ROOT / "hub/demo/damoyolo_phone" / options.revision
    rule = LatencyRule(options.limit, min(FIRST_LOOK, options.pairs), 0.95, max_pairs=options.pairs)
    print(f"{options.repetitions} repetitions of {options.revision} on {options.device}, {os.cpu_count()} cores")
    print(f"load {os.getloadavg()[0]:.1f}; limit {options.limit}, slow-down {options.slowdown:.0%}\n")
    heads = (
        "machine, way, false alarms, power, coverage where it ended, half-width, coverage at the last look, half-width"
    )
    print(f"| {heads.replace(', ', ' | ')} | pairs A/A, slowed | run anew A/A, slowed | median |\n|{'---|' * 11}")
    with slowed(folder, options.slowdown) as slower:
        unseen: list[str] = []
        tracks = [Track((folder, other), options.device, images, options.apart) for other in (folder, slower)]
        try:
            _ = [track.runner.device for track in tracks]
            for machine in ("as it is", "with neighbours"):
                found = [{name: Tally() for name in WAYS} for _ in tracks]
                with neighbours(machine != "as it is"):
                    for _ in range(options.repetitions):
                        for track, tallies in zip(tracks, found, strict=True):
                            race_usual(track, options.limit, tallies)
                            for _ in range(options.itself if track is tracks[0] else 1):
                                raced = race_ours(track, rule, tallies[WAYS[-1]])
                                if options.keep:
                                    keep(options.keep, machine, track is tracks[1], raced)
                show(machine, *found)
                unseen += [f"{machine}: {one}" for one in found[1][WAYS[-1]].silent]
            print(*(["", "Slow-downs not seen by ours:", *unseen] if unseen else []), sep="\n")
        except DamoverError as error:
            if error.faults[0].code is not Code.DEVICE:
                raise
            print(f"Nothing was measured: {error.faults[0].found}.")
        finally:
            for track in tracks:
                track.runner.close()


if __name__ == "__main__":
    main()
