"""The race: two detectors timed in turn on the same images, so that a noisy machine hits both alike."""

from __future__ import annotations

import contextlib
import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import Clock, TimedCall, time_call
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.timing.looks import OCTET_PAIRS
from pytest_damover.domain.timing.phases import PhasePairs
from pytest_damover.images import Image
from pytest_damover.race.crowding import Crowding
from pytest_damover.race.phases import PairPhases, pairs_by_phase, tell_phases, timed
from pytest_damover.race.watching import Sample, is_steady

Pairs = tuple[tuple[int, int], ...]
Phases = tuple[PairPhases, ...]
Sides = tuple[Detector, Detector]

ORDER = (0, 1, 1, 0, 1, 0, 0, 1)
"""ABBA BAAB: either side is first, second, after itself and after the other as often as the other is."""
OCTET_IMAGES = 2
BLOCK_OCTETS = 3
"""So many octets are kept or thrown away together."""
MOST_HEATS = 6
"""Into about so many heats a race to its last look is divided; each look that is passed ends one too."""
LEAST_WARM_UP, MOST_WARM_UP = 2, 20
WARM = 0.95
"""A side is warm when its last call took at least this share of its fastest one before."""


@dataclass(slots=True)
class Raced:
    """The pairs of times (baseline_ns, candidate_ns), and what was seen at the ends of blocks.

    Octet by octet in the order they ran; within one the two pairs of ABBA come first, whichever was run first.
    `phases_ns` are the same pairs by phase, where both sides tell them; `decode_ns` what decoding each image took.
    `thrown_away` counts blocks, `throttled` those of them that were throttled, `copies` pairs that did not count,
    `crowding` quads that were run anew at once.
    """

    pairs_ns: Pairs = ()
    heats: int = 0
    thrown_away: int = 0
    throttled: int = 0
    copies: int = 0
    crowding: Crowding = field(default_factory=Crowding)
    phases_ns: PhasePairs = field(default_factory=dict)
    decode_ns: tuple[int, ...] = ()
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Course:
    """How a race is run: on which images, at how many pairs (whole octets) it may end, and who watches.

    It ends at the first look where `is_decided` says so of the pairs so far, or at the last. `check` is told what each
    side (0, 1) found in each call; `watch` looks at the machine; `waited` says how many nanoseconds a side has waited
    for its core so far.
    """

    images: Sequence[Image]
    looks: Sequence[int]
    is_decided: Callable[[Pairs], bool] = lambda _: False
    check: Callable[[int, Image, Detections], None] = lambda *_: None
    watch: Callable[[], Sample] = Sample
    waited: Callable[[int], int] = lambda _: 0
    clock: Clock = time.perf_counter_ns


def race(sides: Callable[[int], Sides], course: Course) -> Raced:
    """Time pairs of calls of both detectors, which `sides` gives for each heat, from 0.

    The order is ABBA BAAB: eight calls, an octet, four on one image and four on the next. Slow drift cancels within
    them, and so does what a call gains from the one before: a side's own, or one on the same image. Every other heat
    has the sides in turned roles, so that what its first calls lack cancels too. A new heat begins after each look and
    as `_heats` says: where a process happens to lie in memory makes it faster or slower by a little, so `sides` may
    load both anew. An octet whose times were there before does not count; a block in which the machine's clock moved
    is thrown away. Both are run anew, up to as many octets again as there are. So is a quad in which a side was
    crowded (`crowding`), up to as many quads again as there are; after that they count as they are.

    Images are decoded before the first call, each heat begins with calls that are not timed (`warm_up`), and the
    garbage collector rests; see `time_call` for one call.
    """
    if not course.images:
        raise ValueError("a race needs at least one image")
    for image in course.images:
        _ = image.pixels
    raced, octets, spare = Raced(), dict[Pairs, Phases](), course.looks[-1] // OCTET_PAIRS
    raced.decode_ns = tuple(image.decode_ns for image in course.images if image.decode_ns is not None)
    with _no_garbage_collection():
        for end in _heats(course.looks):
            both, wanted = sides(raced.heats), end // OCTET_PAIRS
            warm_up(both, _images(course, len(octets), wanted), course.clock, raced.heats % 2)
            while len(octets) < wanted and spare >= 0:
                before, count = len(octets), min(BLOCK_OCTETS, wanted - len(octets))
                _run_block(both, course, count, octets, raced)
                spare -= count - (len(octets) - before)
            raced.heats += 1
            raced.pairs_ns = tuple(pair for octet in octets for pair in octet)
            raced.phases_ns = pairs_by_phase([pair for phases in octets.values() for pair in phases])
            if spare < 0 or (end in course.looks and course.is_decided(raced.pairs_ns)):
                break
    return raced


def warm_up(sides: Sides, images: Sequence[Image], clock: Clock = time.perf_counter_ns, first: int = 0) -> None:
    """Call each side, beginning with `first`, on a picture of each size, then on one of them until it gets no faster.

    At least 2 and at most 20 times: see `WARM`. Noise makes calls slow, and ends nothing.
    """
    sizes = {image.pixels.shape: image for image in images}
    for detector in (sides[first], sides[1 - first]):
        for image in sizes.values():
            time_call(detector, image, clock)
        fastest = None
        for turn in range(MOST_WARM_UP):
            took_ns, _ = time_call(detector, images[0], clock)
            if turn + 1 >= LEAST_WARM_UP and fastest is not None and took_ns >= WARM * fastest:
                break
            fastest = took_ns if fastest is None else min(fastest, took_ns)


def _heats(looks: Sequence[int]) -> Iterator[int]:
    """At how many pairs a heat ends: at each look, in the middle of the first, and often enough for `MOST_HEATS`."""
    before, most = 0, max(looks[0] / 2, looks[-1] / MOST_HEATS)
    for look in looks:
        parts = math.ceil((look - before) / max(most, OCTET_PAIRS))
        octets = (look - before) // OCTET_PAIRS
        yield from (before + OCTET_PAIRS * math.ceil(octets * part / parts) for part in range(1, parts + 1))
        before = look


def _images(course: Course, begin: int, end: int) -> list[Image]:
    """The images of the octets from `begin` to `end`, exclusive."""
    return [course.images[turn % len(course.images)] for turn in range(begin * OCTET_IMAGES, end * OCTET_IMAGES)]


def _run_block(sides: Sides, course: Course, count: int, octets: dict[Pairs, Phases], raced: Raced) -> None:
    before = course.watch()
    images = _images(course, len(octets), len(octets) + count)
    block = [
        _octet(sides, course, images[place : place + OCTET_IMAGES], raced, OCTET_IMAGES * (len(octets) + count))
        for place in range(0, len(images), OCTET_IMAGES)
    ]
    after = course.watch()
    raced.samples += before, after
    if is_steady(before, after):
        known = len(octets)
        for octet, phases in block:
            octets.setdefault(octet, phases)
        raced.copies += OCTET_PAIRS * (known + count - len(octets))
    else:
        raced.thrown_away += 1
        raced.throttled += before.throttled or after.throttled


def _octet(sides: Sides, course: Course, images: Sequence[Image], raced: Raced, most: int) -> tuple[Pairs, Phases]:
    quads = [
        _quad(sides, course, [place ^ raced.heats % 2 for place in order], image, raced.crowding, most)
        for order, image in zip((ORDER[:4], ORDER[4:]), images, strict=True)
    ]
    pairs = [pair for quad in quads[:: -1 if raced.heats % 2 else 1] for pair in quad]
    return (
        tuple((before.took_ns, after.took_ns) for before, after in pairs),
        tuple((before.phases_ns, after.phases_ns) for before, after in pairs),
    )


def _quad(
    sides: Sides, course: Course, order: Sequence[int], image: Image, crowding: Crowding, most: int
) -> list[tuple[TimedCall, TimedCall]]:
    """The two pairs of calls in that order, anew while they were crowded and `most` quads were not thrown away yet."""
    with_phases = tell_phases(sides)
    while True:
        calls: tuple[list[TimedCall], list[TimedCall]] = [], []
        waited_ns = [0, 0]
        for side in order:
            before_ns = course.waited(side)
            call = timed(sides[side], image, course.clock, with_phases)
            waited_ns[side] += course.waited(side) - before_ns
            course.check(side, image, call.found)
            calls[side].append(call)
        if not crowding.throws_away(waited_ns, [sum(call.took_ns for call in side) for side in calls], most):
            return list(zip(*calls, strict=True))


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
