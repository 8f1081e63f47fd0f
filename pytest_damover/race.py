"""The race: two detectors timed in turn on the same images, so that a noisy machine hits both alike."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator, Sequence

from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import Clock, time_call_ns
from pytest_damover.images import Image


def race(
    baseline: Detector,
    candidate: Detector,
    images: Sequence[Image],
    pairs: int,
    warmup: int = 2,
    clock: Clock = time.perf_counter_ns,
) -> tuple[tuple[int, int], ...]:
    """Time `pairs` calls of each detector and return (baseline_ns, candidate_ns) of each pair, in the order they ran.

    The order is ABBA: two consecutive pairs share an image, the first starts with the baseline, the second with the
    candidate, so that slow drift and a warm cache cancel within the four calls. Images are decoded before the first
    call, `warmup` calls of each are not timed and the garbage collector rests; see `time_call_ns` for one call.
    """
    if not images:
        raise ValueError("a race needs at least one image")
    for image in images:
        _ = image.pixels
    for turn in range(warmup):
        baseline(images[turn % len(images)])
        candidate(images[turn % len(images)])
    times: list[tuple[int, int]] = []
    with _no_garbage_collection():
        for pair in range(pairs):
            image = images[(pair // 2) % len(images)]
            if pair % 2 == 0:
                first, second = time_call_ns(baseline, image, clock), time_call_ns(candidate, image, clock)
                times.append((first, second))
            else:
                first, second = time_call_ns(candidate, image, clock), time_call_ns(baseline, image, clock)
                times.append((second, first))
    return tuple(times)


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
