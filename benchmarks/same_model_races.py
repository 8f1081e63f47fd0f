"""How often a model is called slower than itself: ours and the usual recipe, on the same machine in one run.

    python benchmarks/same_model_races.py [--races 50] [--pairs 20] [--limit 1.05] [--revision v1.0.0]

The demo's revision is loaded twice, each in a child process. Every round makes one race of ours (ABBA, judged by its
95 % interval) and one of the usual recipe (all calls of the one, then all calls of the other; means compared). Prints
how often each says "slower than the limit allows", which is wrong every time.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from pytest_damover import runners
from pytest_damover.detectors import Detector
from pytest_damover.domain import latency
from pytest_damover.images import Image, open_image
from pytest_damover.race import race

ROOT = Path(__file__).parent.parent


def usual(first: Detector, second: Detector, images: list[Image], pairs: int) -> float:
    """Ratio of mean times, measured one after the other."""
    means = [statistics.mean(one.time_ns(images[i % len(images)]) for i in range(pairs)) for one in (first, second)]
    return means[1] / means[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=50)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--limit", type=float, default=1.05)
    parser.add_argument("--revision", default="v1.0.0")
    options = parser.parse_args()
    folder = ROOT / "hub/demo/damoyolo_phone" / options.revision
    images = [open_image(path, path.name) for path in sorted((ROOT / "suites/phone/images").iterdir())[:10]]
    runner = runners.open_runner("process", "modelscope", "cpu")
    try:
        first, second = (runner.load(name, folder, beside=True) for name in ("one", "the same"))
        wrong, widths, usual_wrong = 0, [], 0
        for number in range(options.races):
            judged = latency.race(race(first, second, images, options.pairs), 0.95, 1000, number)
            assert judged.interval is not None
            wrong += judged.interval[0] > options.limit
            widths.append((judged.interval[1] - judged.interval[0]) / 2)
            usual_wrong += usual(first, second, images, options.pairs) > options.limit
    finally:
        runner.close()
    print(f"{options.races} races of {options.revision} against itself, {options.pairs} pairs, limit {options.limit}")
    print(f"ours: slower in {wrong} ({wrong / options.races:.0%}), median half-width {statistics.median(widths):.3f}")
    print(f"the usual recipe: slower in {usual_wrong} ({usual_wrong / options.races:.0%})")


if __name__ == "__main__":
    main()
