"""How long AP50:95 takes, beside the libraries that people use for it, and how long its bootstrap.

    python benchmarks/ap_speed.py [--images 5000] [--classes 80] [--rounds 3] [--draws 1000] [--cores 1]
                                    [--beside pycocotools,hotcoco,faster-coco-eval]

Made-up data: about 7 objects and 20 detections an image, classes as uneven as COCO's (the k-th has 1/k of the first).
pycocotools, hotcoco and faster-coco-eval are used where they are installed (`pip install hotcoco faster-coco-eval`).
All run in one process on the same data and on `--cores` CPUs, in turn with ours; the ratio is the median of the pairs.

What is timed. Theirs: from two loaded COCO objects to the numbers (`evaluate`, `accumulate`, `summarize`); reading
JSON, indexing and `loadRes` are not. Ours: from arrays (`BoxArrays`) to the numbers, and once more from the
`GroundTruth` and `Detections` that a run has. As they are used, they always compute all twelve numbers; so do we in the
second line of a library, and in the third all compute AP50:95 alone. Seconds and ratio are of CPU, for on a busy
machine the clock runs on while others compute; the ratio on the clock stands beside it.

The bootstrap is a process of its own: two revisions, AP50:95 of both in every draw. A few draws are held against
matching from scratch the images as often as they were drawn; no two scores are equal there, for copies of an image
mix detections of equal score where a weight does not.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.metadata
import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from pytest_damover.domain.case import GroundTruth
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.scoring.box_arrays import BoxArrays
from pytest_damover.domain.scoring.coco_summary import summarize
from pytest_damover.domain.scoring.matching import COCO_IOUS, match_arrays, match_images_at
from pytest_damover.domain.scoring.metrics import mean_average_precision, ranked_classes, weighted_average_precisions
from pytest_damover.domain.scoring.resampling import weightings

LIBRARIES = {"pycocotools": "pycocotools", "hotcoco": "hotcoco", "faster-coco-eval": "faster_coco_eval"}
WANTED = {"pycocotools": 0.01, "hotcoco": 1.0}
EVERY_SIZE = [[0, 1e10]]


def made_up(images: int, classes: int, seed: int, digits: int = 3) -> BoxArrays:
    """One revision's detections, scores with so many digits; the ground truth is the same for every `seed`."""
    rng = np.random.default_rng(20260101)
    share = 1 / np.arange(1, classes + 1)
    truth_image = np.repeat(np.arange(images), rng.poisson(7, images))
    truth_label = rng.choice(classes, len(truth_image), p=share / share.sum())
    corner = rng.integers(0, 560, (len(truth_image), 2))
    truth_box = np.hstack([corner, corner + rng.integers(10, 250, corner.shape)]).astype(float)
    unmarked = np.zeros(len(truth_image), dtype=bool)
    found = found_boxes(np.random.default_rng(seed), images, classes, truth_image, truth_label, truth_box)
    names = tuple(f"class {index:03d}" for index in range(classes))
    found[2] = found[2].round(digits)
    return BoxArrays(images, names, *found, truth_image, truth_label, truth_box, unmarked, unmarked)


def found_boxes(rng: np.random.Generator, images: int, classes: int, image: Any, label: Any, box: Any) -> list[Any]:
    """85 % of the objects, more or less well placed, a quarter of them twice, and 12.6 false alarms an image."""
    hit = np.flatnonzero(rng.random(len(image)) < 0.85)
    twice = hit[rng.random(len(hit)) < 0.25]
    known = np.append(hit, twice)
    side = np.tile(box[known, 2:] - box[known, :2], 2)
    near = box[known] + side * rng.normal(0, 0.06, side.shape)
    alarm_image = np.repeat(np.arange(images), rng.poisson(12.6, images))
    corner = rng.uniform(0, 560, (len(alarm_image), 2))
    boxes = np.vstack([near, np.hstack([corner, corner + rng.uniform(10, 250, corner.shape)])]).round()
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
    scores = [rng.beta(5, 2, len(hit)), rng.beta(2, 4, len(twice)), rng.beta(1.5, 5, len(alarm_image))]
    labels = np.append(label[known], rng.integers(0, classes, len(alarm_image)))
    images_of = np.append(image[known], alarm_image)
    order = np.argsort(images_of, kind="stable")
    return [images_of[order], labels[order], np.concatenate(scores)[order], boxes[order]]


def as_cases(arrays: BoxArrays) -> tuple[list[list[GroundTruth]], list[Detections]]:
    """The same as a run holds it."""
    truths: list[list[GroundTruth]] = [[] for _ in range(arrays.images)]
    for image, label, box in zip(arrays.truth_image, arrays.truth_label, arrays.truth_box.tolist(), strict=True):
        truths[image].append(GroundTruth(tuple(box), arrays.labels[label]))
    cuts = np.searchsorted(arrays.image, np.arange(1, arrays.images))
    parts = zip(*(np.split(values, cuts) for values in (arrays.box, arrays.score, arrays.label)), strict=True)
    return truths, [Detections(box, score, tuple(arrays.labels[i] for i in label)) for box, score, label in parts]


def as_coco(arrays: BoxArrays) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The same as COCO's JSON."""

    def entries(image: Any, label: Any, box: Any) -> list[dict[str, Any]]:
        sides = np.hstack([box[:, :2], box[:, 2:] - box[:, :2]]).tolist()
        rows = zip(image.tolist(), label.tolist(), sides, strict=True)
        return [{"image_id": i, "category_id": c + 1, "bbox": b, "area": b[2] * b[3], "iscrowd": 0} for i, c, b in rows]

    truths = entries(arrays.truth_image, arrays.truth_label, arrays.truth_box)
    found = entries(arrays.image, arrays.label, arrays.box)
    dataset = {
        "images": [{"id": i, "width": 1000, "height": 1000, "file_name": f"{i}.jpg"} for i in range(arrays.images)],
        "categories": [{"id": index + 1, "name": name} for index, name in enumerate(arrays.labels)],
        "annotations": [{**entry, "id": number} for number, entry in enumerate(truths, start=1)],
    }
    return dataset, [{**entry, "score": score} for entry, score in zip(found, arrays.score.tolist(), strict=True)]


def loaded(module: str, dataset: dict[str, Any], results: list[dict[str, Any]]) -> Callable[[bool], list[float]]:
    """A function that evaluates with that library: all twelve numbers, or AP50:95 alone."""
    if module == "pycocotools":
        coco_class = importlib.import_module("pycocotools.coco").COCO
        evaluation_class = importlib.import_module("pycocotools.cocoeval").COCOeval
    else:
        library = importlib.import_module(module)
        coco_class, evaluation_class = library.COCO, getattr(library, "COCOeval_faster", None) or library.COCOeval
    if module == "pycocotools":
        coco = coco_class()
        coco.dataset = dataset
        coco.createIndex()
    else:
        coco = coco_class(dataset)
    found = coco.loadRes(results)

    def evaluate(twelve: bool) -> list[float]:
        evaluation = evaluation_class(coco, found, "bbox")
        if not twelve:
            evaluation.params.areaRng, evaluation.params.areaRngLbl = EVERY_SIZE, ["all"]
            evaluation.params.maxDets = [100]
        evaluation.evaluate()
        evaluation.accumulate()
        if twelve:
            evaluation.summarize()
            return [float(value) for value in evaluation.stats[:12]]
        precision = np.asarray(evaluation.eval["precision"])
        return [float(precision[precision > -1].mean())]

    return evaluate


def timed(function: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds of one call on the clock and of CPU, and what it returned."""
    with contextlib.redirect_stdout(io.StringIO()):
        began, began_cpu = time.perf_counter(), time.process_time()
        result = function()
        return time.perf_counter() - began, time.process_time() - began_cpu, result


def versus(name: str, ours: Callable[[], list[float]], theirs: Callable[[], list[float]], rounds: int) -> float:
    """In turn; prints a line and returns the median ratio of CPU seconds, ours to theirs."""
    pairs = [(timed(ours), timed(theirs)) for _ in range(rounds)]
    clock, cpu = (statistics.median(mine[which] / other[which] for mine, other in pairs) for which in (0, 1))
    mine, other = (min(side[1] for side in sides) for sides in zip(*pairs, strict=True))
    gap = np.abs(np.subtract(pairs[0][0][2], pairs[0][1][2])).max()
    print(f"  {name}: ours {mine:.3f} s of CPU, theirs {other:.3f} s, ratio {cpu:.4f} ", end="")
    print(f"(on the clock {clock:.4f}), largest difference {gap:.1e}", flush=True)
    return cpu


def beside(library: str, arrays: BoxArrays, coco: tuple[Any, Any], rounds: int) -> None:
    """Ours and one library, in three ways."""
    try:
        version = importlib.metadata.version(library)
        theirs = timed(partial(loaded, LIBRARIES[library], *coco))[2]
    except (ImportError, importlib.metadata.PackageNotFoundError) as missing:
        print(f"{library}: not compared, for it is not installed ({missing})")
        return
    print(f"{library} {version}")
    cases = as_cases(arrays)
    ap = partial(ap_from_arrays, arrays)
    ratio = versus("AP50:95, they all twelve", ap, lambda: theirs(True)[:1], rounds)
    versus("all twelve", lambda: list(astuple(summarize(arrays, strays=False))), lambda: theirs(True), rounds)
    versus("AP50:95 alone", ap, lambda: theirs(False), rounds)
    versus("AP50:95 alone, ours from a run's objects", lambda: ap_from_cases(*cases), lambda: theirs(False), rounds)
    if library in WANTED:
        print(f"  wanted of the first: at most {WANTED[library]}, {'met' if ratio <= WANTED[library] else 'NOT met'}")


def ap_from_arrays(arrays: BoxArrays, strays: bool = False) -> list[Any]:
    return [mean_average_precision(match_arrays(arrays, COCO_IOUS)[0], strays=strays)]


def ap_from_cases(truths: list[list[GroundTruth]], detections: list[Detections]) -> list[Any]:
    return [mean_average_precision(match_images_at(truths, detections, COCO_IOUS), strays=False)]


def drawn(arrays: BoxArrays, weights: Any) -> BoxArrays:
    """The images as often as they weigh, as new images."""
    images = np.repeat(np.arange(arrays.images), weights.astype(int))
    new, rows = rows_of(images, arrays.image)
    new_truth, truths = rows_of(images, arrays.truth_image)
    return replace(
        arrays, images=len(images), image=new, label=arrays.label[rows], score=arrays.score[rows], box=arrays.box[rows],
        truth_image=new_truth, truth_label=arrays.truth_label[truths], truth_box=arrays.truth_box[truths],
        crowd=arrays.crowd[truths], ignore=arrays.ignore[truths],
    )  # fmt: skip


def rows_of(images: Any, image: Any) -> tuple[Any, Any]:
    """For each of `images` in turn the rows that `image` (sorted) has for it, and its new number for each."""
    rows = [np.arange(*np.searchsorted(image, [one, one + 1])) for one in images.tolist()]
    return np.repeat(np.arange(len(images)), [len(some) for some in rows]), np.concatenate(rows)


def bootstrap(images: int, classes: int, draws: int) -> None:
    """AP50:95 of two revisions in every draw, strays counted, from the arrays on."""
    sides = [made_up(images, classes, seed, 16) for seed in (1, 2)]
    began, began_cpu = time.perf_counter(), time.process_time()
    ranked = [ranked_classes(*match_arrays(side, COCO_IOUS)[0]) for side in sides]
    chunks = [
        [weighted_average_precisions(classes_of, weights) for classes_of in ranked]
        for weights in weightings(images, draws, seed=3)
    ]
    values = np.concatenate(chunks, axis=1)
    took, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    peak = peak_megabytes()
    weights = next(weightings(images, draws, seed=3))
    few = range(min(3, draws))
    naive = [[ap_from_arrays(drawn(side, weights[:, one]), strays=True)[0] for one in few] for side in sides]
    gap = max(abs(values[side][one] - naive[side][one]) for side in (0, 1) for one in few)
    print(f"{draws} paired draws: {cpu:.1f} s of CPU, {took:.1f} s on the clock, peak {peak:.0f} MB")
    print(f"  wanted: under 10 s and 500 MB; {len(few)} draws matched from scratch differ by {gap:.1e}")


def peak_megabytes() -> float:
    """The most memory that this process has held; what `getrusage` tells includes the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM:"))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--classes", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--beside", default=",".join(LIBRARIES), help="which libraries, separated by commas")
    parser.add_argument("--bootstrap-alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-options.cores :])
    if options.bootstrap_alone:
        bootstrap(options.images, options.classes, options.draws)
        return
    arrays = made_up(options.images, options.classes, 1)
    print(f"{arrays.images} images, {options.classes} classes, {len(arrays.truth_image)} objects, ", end="")
    print(f"{len(arrays.image)} detections; {len(os.sched_getaffinity(0))} of {os.cpu_count()} cores")
    coco = as_coco(arrays)
    for library in filter(None, options.beside.split(",")):
        beside(library, arrays, coco, options.rounds)
    of_child = [f"--{name}={getattr(options, name)}" for name in ("images", "classes", "draws", "cores")]
    subprocess.run([sys.executable, __file__, "--bootstrap-alone", *of_child], check=True)


if __name__ == "__main__":
    main()
