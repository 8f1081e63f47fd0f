"""The race: two detectors timed in turn on the same images in one process, so that a noisy machine hits both alike."""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from pytest_damover.detectors import Detector
from pytest_damover.images import Image

Clock = Callable[[], int]


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
    call, `warmup` calls of each are not timed, the garbage collector rests, and a GPU is waited for.
    """
    if not images:
        raise ValueError("a race needs at least one image")
    for image in images:
        _ = image.pixels
    for turn in range(warmup):
        baseline(images[turn % len(images)])
        candidate(images[turn % len(images)])
    wait = _device_wait()
    times: list[tuple[int, int]] = []
    with _no_garbage_collection():
        for pair in range(pairs):
            image = images[(pair // 2) % len(images)]
            if pair % 2 == 0:
                first, second = _time(baseline, image, clock, wait), _time(candidate, image, clock, wait)
                times.append((first, second))
            else:
                first, second = _time(candidate, image, clock, wait), _time(baseline, image, clock, wait)
                times.append((second, first))
    return tuple(times)


def _time(detector: Detector, image: Image, clock: Clock, wait: Callable[[], None]) -> int:
    wait()
    start = clock()
    detector(image)
    wait()
    return clock() - start


def _device_wait() -> Callable[[], None]:
    """Waits for the GPU when torch uses one in this process, else does nothing."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        synchronize: Callable[[], None] = torch.cuda.synchronize
        return synchronize
    return lambda: None


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
