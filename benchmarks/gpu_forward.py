"""Forward time on a GPU by the GPU's own clock (a pair of CUDA events) beside ours (the synchronised monotonic clock).

    python -m benchmarks.gpu_forward [--revision v1.0.0] [--device cuda:0] [--calls 200] [--batches 1 4 8]

For each image size of the demo's suite: the median milliseconds of the forward phase by both clocks and their ratio,
the median of the whole call, and the images a second of calls with several images. Ours holds what the events cannot
see, launching the first kernel and waiting for the last. They agree where they are within 5 % or 0.2 ms of each other.
Without a CUDA device it says so, and nothing is measured.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path

from pytest_damover.detectors import Detector, load_detector
from pytest_damover.detectors._timing import time_batch, time_phases
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.timing.phases import FORWARD, FORWARD_DEVICE
from pytest_damover.images import Image, open_image

ROOT = Path(__file__).parent.parent
WARM_UP = 20
MOST_IMAGES = 60
SHARE, LEAST_MS = 0.05, 0.2
NS_PER_MS = 1e6


def clocks(detector: Detector, image: Image, calls: int) -> tuple[float, float, float]:
    """Median milliseconds of forward by our clock and by the events, and of the whole call."""
    for _ in range(WARM_UP):
        time_phases(detector, image)
    timed = [time_phases(detector, image) for _ in range(calls)]
    ours, events = (
        statistics.median(call.phases_ns[name] for call in timed) / NS_PER_MS for name in (FORWARD, FORWARD_DEVICE)
    )
    return ours, events, statistics.median(call.took_ns for call in timed) / NS_PER_MS


def agree(ours_ms: float, events_ms: float) -> bool:
    """Are both clocks within 5 % or 0.2 ms of each other?"""
    return abs(ours_ms - events_ms) <= max(SHARE * events_ms, LEAST_MS)


def images_a_second(detector: Detector, image: Image, size: int, calls: int) -> float:
    """Of calls with `size` copies of the image, by their median."""
    batch = [image] * size
    for _ in range(WARM_UP):
        time_batch(detector, batch)
    taken_ns = [time_batch(detector, batch)[0] for _ in range(calls)]
    return size * 1e9 / statistics.median(taken_ns)


def show(detector: Detector, images: Sequence[Image], batches: Sequence[int], calls: int) -> None:
    heads = "image | forward, ours | forward, events | ratio | agree | whole call"
    print(f"| {heads} | {' | '.join(f'{size} in a call' for size in batches)} |\n|{'---|' * (6 + len(batches))}")
    for image in images:
        ours_ms, events_ms, call_ms = clocks(detector, image, calls)
        cells = [
            f"{image.width_px} x {image.height_px}",
            f"{ours_ms:.3f} ms",
            f"{events_ms:.3f} ms",
            f"{ours_ms / events_ms:.3f}",
            "yes" if agree(ours_ms, events_ms) else "NO",
            f"{call_ms:.3f} ms",
            *(f"{images_a_second(detector, image, size, calls):.0f}/s" for size in batches),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revision", default="v1.0.0")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 4, 8])
    options = parser.parse_args()
    folder = ROOT / "hub/demo/damoyolo_phone" / options.revision
    try:
        detector = load_detector("modelscope", folder, options.device)
    except DamoverError as error:
        if error.faults[0].code is not Code.DEVICE:
            raise
        print(f"Nothing was measured: {error.faults[0].found}.")
        return
    if not str(detector.facts["device"]).startswith("cuda"):
        print(f"Nothing was measured: {detector.facts['device']} has no CUDA events.")
        return
    every = [open_image(path, path.name) for path in sorted((ROOT / "suites/phone/images").iterdir())[:MOST_IMAGES]]
    images = tuple({image.pixels.shape: image for image in every}.values())
    print(f"{options.revision} on {detector.facts['device_name']}, {options.calls} calls each")
    show(detector, images, options.batches, options.calls)


if __name__ == "__main__":
    main()
