"""The race: two detectors timed in turn on the same images, so that a noisy machine hits both alike."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Sequence

from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import Clock, time_call_ns
from pytest_damover.images import Image

Pairs = tuple[tuple[int, int], ...]


def race(
    baseline: Detector,
    candidate: Detector,
    images: Sequence[Image],
    looks: Sequence[int],
    is_decided: Callable[[Pairs], bool] = lambda _: False,
    warmup: int = 2,
    clock: Clock = time.perf_counter_ns,
) -> Pairs:
    """Time pairs of calls and return (baseline_ns, candidate_ns) of each, in the order they ran.

    `looks` says at how many pairs, all even, the race may end: at the first one where `is_decided` says so of the pairs
    so far, or at the last. The order is ABBA: two consecutive pairs, a quad, share an image, the first starts with the
    baseline, the second with the candidate, so that slow drift and a warm cache cancel within the four calls. A quad
    whose four times were there before does not count and is run anew. Images are decoded before the first call,
    `warmup` calls of each are not timed and the garbage collector rests; see `time_call_ns` for one call.
    """
    if not images:
        raise ValueError("a race needs at least one image")
    for image in images:
        _ = image.pixels
    for turn in range(warmup):
        baseline(images[turn % len(images)])
        candidate(images[turn % len(images)])
    quads: dict[Pairs, None] = {}
    pairs: Pairs = ()
    with _no_garbage_collection():
        for look in looks:
            for quad in range(len(quads), look):
                if 2 * len(quads) >= look:
                    break
                quads[_quad(baseline, candidate, images[quad % len(images)], clock)] = None
            pairs = tuple(pair for quad in quads for pair in quad)
            if is_decided(pairs):
                break
    return pairs


def _quad(baseline: Detector, candidate: Detector, image: Image, clock: Clock) -> Pairs:
    first, second = time_call_ns(baseline, image, clock), time_call_ns(candidate, image, clock)
    third, fourth = time_call_ns(candidate, image, clock), time_call_ns(baseline, image, clock)
    return (first, second), (fourth, third)


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
