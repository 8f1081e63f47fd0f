"""How often a model is called slower than itself, and how often a true slow-down is seen: three ways to measure.

    python -m benchmarks.race_calibration [--repetitions 60] [--pairs 100] [--limit 1.05] [--slowdown 0.1]
                                          [--revision v1.0.0] [--device cpu] [--apart]

The demo's revision is loaded twice, each in a child process, and raced against itself, then against itself with each
of its times made longer by a tenth, as a model that does a tenth more of the same work would be slower. The three ways
run in turn in every repetition, so the machine is the same to all:

(a) the usual recipe: 10 calls to warm up, then the mean of 100 calls, one model after the other;
(b) sequential medians: the same calls, the medians compared;
(c) ours: the race of the gate, at its looks, up to `--pairs` pairs, judged by its interval.

Once on the machine as it is, once with a neighbour process for every second core that multiplies matrices in bursts. An
alarm is a slow-down beyond the limit that is claimed: of (a) and (b) a ratio above it, of (c) an interval above it.
Prints for each way the share of alarms without and with a slow-down (false alarms, power); for (c) also how often
the interval held the truth, its mean half-width, at the end and at all pairs, and how many pairs were taken.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pytest_damover import runners
from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import Timed, time_call
from pytest_damover.domain.latency import race as estimate
from pytest_damover.domain.latency import race_under
from pytest_damover.domain.looks import looks_of
from pytest_damover.domain.policy_costs import LatencyRule
from pytest_damover.domain.rules.latency import is_decided
from pytest_damover.images import Image, open_image
from pytest_damover.race import Course, Pairs, race
from pytest_damover.race.placing import share_core

ROOT = Path(__file__).parent.parent
WARM_UP, CALLS = 10, 100
FIRST_LOOK = 20
NAMES = ("one", "the same")


@dataclass(frozen=True, slots=True)
class Slower:
    """A detector of which every call takes a share longer, as told by its own clock."""

    detector: Detector
    share: float

    def timed(self, image: Image) -> Timed:
        took_ns, found = time_call(self.detector, image)
        return int(took_ns * (1 + self.share)), found

    def __call__(self, image: Image) -> object:
        return self.detector(image)


@dataclass(slots=True)
class Tally:
    """What came of one way to measure, with or without a slow-down."""

    alarms: int = 0
    covered: int = 0
    halves: list[float] = field(default_factory=list)
    full_covered: int = 0
    full_halves: list[float] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)
    times_ms: list[float] = field(default_factory=list)


@contextlib.contextmanager
def neighbours(wanted: bool) -> Iterator[None]:
    """Other processes that keep every second core busy in bursts."""
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
    """Two children of one revision, which are forked anew for each heat, and the images they run on."""

    def __init__(self, folder: Path, device: str, images: list[Image], apart: bool) -> None:
        self.runner = runners.open_runner("process", "modelscope", device)
        self.folder, self.images, self.apart = folder, images, apart

    def anew(self, slowdown: float, heat: int) -> tuple[Detector, Detector]:
        for name in NAMES[:: 1 if heat % 4 < 2 else -1]:
            self.runner.unload(name)
            self.runner.load(name, self.folder, beside=True)
        first, second = (self.runner.load(name, self.folder, beside=True) for name in NAMES)
        return first, (Slower(second, slowdown) if slowdown else second)  # type: ignore[return-value]

    def sides(self, slowdown: float, heat: int) -> tuple[Detector, Detector]:
        both = self.anew(slowdown, heat)
        if not self.apart:
            share_core([self.runner.load(name, self.folder, beside=True).pid for name in NAMES], heat)
        return both

    def one_after_the_other(self, slowdown: float) -> tuple[list[int], list[int]]:
        both = []
        for detector in self.anew(slowdown, 0):
            taken = [time_call(detector, self.images[turn % len(self.images)])[0] for turn in range(WARM_UP + CALLS)]
            both.append(taken[WARM_UP:])
        return both[0], both[1]

    def ours(self, slowdown: float, rule: LatencyRule) -> tuple[Pairs, int]:
        """All pairs up to the budget, and at how many of them the race would have ended."""
        looks = [look.pairs for look in looks_of(rule)]
        pairs = race(partial(self.sides, slowdown), Course(self.images, looks)).pairs_ns
        return pairs, next((look for look in looks if is_decided(rule, pairs[:look])), looks[-1])


def repeat(track: Track, rule: LatencyRule, slowdown: float, tallies: dict[str, Tally]) -> None:
    limit, truth = rule.max_ratio or 1.0, 1 + slowdown
    before, after = track.one_after_the_other(slowdown)
    for name, centre in (("(a) usual recipe", statistics.mean), ("(b) sequential medians", statistics.median)):
        tallies[name].alarms += centre(after) / centre(before) > limit
    pairs, end = track.ours(slowdown, rule)
    tally, (low, high) = tallies["(c) ours"], race_under(rule, pairs[:end]).interval or (0.0, float("inf"))
    full_low, full_high = estimate(pairs, 1 - rule.confidence).interval or (0.0, float("inf"))
    tally.alarms += low > limit
    tally.covered += low <= truth <= high
    tally.halves.append((high - low) / 2)
    tally.full_covered += full_low <= truth <= full_high
    tally.full_halves.append((full_high - full_low) / 2)
    tally.pairs.append(end)
    tally.times_ms += [time_ns / 1e6 for time_ns, _ in pairs]


def show(machine: str, without: dict[str, Tally], slowed: dict[str, Tally], repetitions: int) -> None:
    for name, quiet in without.items():
        cells = [machine, name, f"{quiet.alarms / repetitions:.1%}", f"{slowed[name].alarms / repetitions:.1%}"]
        if quiet.halves:
            both = [quiet, slowed[name]]
            runs = 2 * repetitions
            cells += [
                f"{sum(one.covered for one in both) / runs:.1%}",
                f"{statistics.mean(quiet.halves):.2%}",
                f"{sum(one.full_covered for one in both) / runs:.1%}",
                f"{statistics.mean(quiet.full_halves):.2%}",
                " / ".join(f"{statistics.mean(one.pairs):.0f}" for one in both),
                f"{statistics.median(quiet.times_ms):.1f} ms",
            ]
        else:
            cells += ["-"] * 6
        print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--limit", type=float, default=1.05)
    parser.add_argument("--slowdown", type=float, default=0.1)
    parser.add_argument("--revision", default="v1.0.0")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--apart", action="store_true", help="ours without putting both sides on one core")
    options = parser.parse_args()
    images = [open_image(path, path.name) for path in sorted((ROOT / "suites/phone/images").iterdir())[:10]]
    track = Track(ROOT / "hub/demo/damoyolo_phone" / options.revision, options.device, images, options.apart)
    rule = LatencyRule(options.limit, min(FIRST_LOOK, options.pairs), 0.95, max_pairs=options.pairs)
    print(f"{options.repetitions} repetitions of {options.revision} on {track.runner.device}, {os.cpu_count()} cores")
    print(f"load {os.getloadavg()[0]:.1f}; limit {options.limit}, slow-down {options.slowdown:.0%}\n")
    heads = "machine, way, false alarms, power, coverage at the end, half-width, coverage of all pairs, half-width"
    print(f"| {heads.replace(', ', ' | ')} | pairs A/A, slowed | median |\n|{'---|' * 10}")
    try:
        for machine in ("as it is", "with neighbours"):
            with neighbours(machine != "as it is"):
                found = []
                for slowdown in (0.0, options.slowdown):
                    found.append({name: Tally() for name in ("(a) usual recipe", "(b) sequential medians", "(c) ours")})
                    for _ in range(options.repetitions):
                        repeat(track, rule, slowdown, found[-1])
            show(machine, *found, options.repetitions)
    finally:
        track.runner.close()


if __name__ == "__main__":
    main()
