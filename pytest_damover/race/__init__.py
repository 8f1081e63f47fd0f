"""The race: two detectors timed in turn on the same images, so that a noisy machine hits both alike."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import Clock, time_call
from pytest_damover.domain.detection import Detections
from pytest_damover.images import Image
from pytest_damover.race.watching import Sample, is_steady

Pairs = tuple[tuple[int, int], ...]
Sides = tuple[Detector, Detector]

BLOCK_QUADS = 5
"""So many quads are kept or thrown away together."""
LEAST_WARM_UP, MOST_WARM_UP = 2, 20
WARM = 0.95
"""A side is warm when its last call took at least this share of its fastest one before."""


@dataclass(slots=True)
class Raced:
    """The pairs of times (baseline_ns, candidate_ns) in the order they ran, and what was seen at the ends of blocks."""

    pairs_ns: Pairs = ()
    heats: int = 0
    thrown_away: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Course:
    """How a race is run: on which images, at how many pairs (even numbers) it may end, and who watches.

    It ends at the first look where `is_decided` says so of the pairs so far, or at the last. `check` is told what each
    side (0, 1) found in each call; `watch` looks at the machine.
    """

    images: Sequence[Image]
    looks: Sequence[int]
    is_decided: Callable[[Pairs], bool] = lambda _: False
    check: Callable[[int, Image, Detections], None] = lambda *_: None
    watch: Callable[[], Sample] = Sample
    clock: Clock = time.perf_counter_ns


def race(sides: Callable[[int], Sides], course: Course) -> Raced:
    """Time pairs of calls of both detectors, which `sides` gives for each heat, from 0.

    The order is ABBA: two consecutive pairs, a quad, share an image, the first starts with the baseline, the second
    with the candidate, so that slow drift and a warm cache cancel within the four calls. A new heat begins in the
    middle of what the first look takes, and after each look: where a process happens to lie in memory makes it faster
    or slower by a little, so `sides` may load both anew. A quad whose four times were there before does not count; a
    block in which the machine's clock moved is thrown away. Both are run anew, up to as many quads again as there are.

    Images are decoded before the first call, each heat begins with calls that are not timed (`warm_up`), and the
    garbage collector rests; see `time_call` for one call.
    """
    if not course.images:
        raise ValueError("a race needs at least one image")
    for image in course.images:
        _ = image.pixels
    raced, quads, spare = Raced(), dict[Pairs, None](), course.looks[-1] // 2
    with _no_garbage_collection():
        for end in _heats(course.looks):
            both = sides(raced.heats)
            warm_up(both, course)
            raced.heats += 1
            while 2 * len(quads) < end and spare >= 0:
                wanted = min(BLOCK_QUADS, end // 2 - len(quads))
                before = len(quads)
                _run_block(both, course, wanted, quads, raced)
                spare -= wanted - (len(quads) - before)
            raced.pairs_ns = tuple(pair for quad in quads for pair in quad)
            if spare < 0 or (end in course.looks and course.is_decided(raced.pairs_ns)):
                break
    return raced


def warm_up(sides: Sides, course: Course) -> None:
    """Call each side, 2 to 20 times, until it gets no faster: see `WARM`. Noise makes calls slow, and ends nothing."""
    for detector in sides:
        fastest = None
        for turn in range(MOST_WARM_UP):
            took_ns, _ = time_call(detector, course.images[turn % len(course.images)], course.clock)
            if turn + 1 >= LEAST_WARM_UP and fastest is not None and took_ns >= WARM * fastest:
                break
            fastest = took_ns if fastest is None else min(fastest, took_ns)


def _heats(looks: Sequence[int]) -> tuple[int, ...]:
    half = looks[0] // 4 * 2
    return (*((half,) if half else ()), *looks)


def _run_block(sides: Sides, course: Course, count: int, quads: dict[Pairs, None], raced: Raced) -> None:
    before = course.watch()
    block = [_quad(sides, course, course.images[(len(quads) + turn) % len(course.images)]) for turn in range(count)]
    after = course.watch()
    raced.samples += before, after
    if is_steady(before, after):
        quads.update(dict.fromkeys(block))
    else:
        raced.thrown_away += 1


def _quad(sides: Sides, course: Course, image: Image) -> Pairs:
    times_ns = []
    for side in (0, 1, 1, 0):
        took_ns, found = time_call(sides[side], image, course.clock)
        course.check(side, image, found)
        times_ns.append(took_ns)
    return (times_ns[0], times_ns[1]), (times_ns[3], times_ns[2])


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
