"""AP and AR of one revision by class and by size of the objects, as COCO's summary divides them; for the report.

By size as in `coco_summary`: ground truth outside of the range is ignored, and a detection outside of it that takes
none. AP of a class is that of `class_average_precisions`: detections of classes without ground truth count there too.
Worked by hand: a phone of 20 x 20 that is found at 0.8, a cup of 50 x 50 that is not, and a cup of 50 x 50 at 0.9
where nothing is. The phone's AP is 1, the cup's 0, AR likewise; over both 1/2. Small is the phone alone: 1. Medium is
the cup alone: 0. Large has no object, so no number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pytest_damover.domain.scoring.box_arrays import BoxArrays
from pytest_damover.domain.scoring.matching import ANY_SIZE, COCO_IOUS, LARGE, MEDIUM, SMALL, MatchTable, match_arrays
from pytest_damover.domain.scoring.metrics import (
    average_precision,
    average_recall,
    class_average_precisions,
    class_average_recalls,
    mean_average_precision,
)

SIZES = ("small", "medium", "large")


@dataclass(frozen=True, slots=True)
class Part:
    """How many objects count, and in 0..1 AP at IoU 0.5, AP and AR at `COCO_IOUS` of the best 100; None without any."""

    objects: int
    ap50: float | None
    ap: float | None
    ar: float | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All objects, those of each class that has some, by label, and those of each of `SIZES`."""

    whole: Part
    classes: Mapping[str, Part]
    sizes: Mapping[str, Part]


def break_down(arrays: BoxArrays) -> Breakdown:
    """Every image of `arrays` counts once; the numbers are means over classes, but those of one class."""
    every, *of_sizes = match_arrays(arrays, COCO_IOUS, (ANY_SIZE, SMALL, MEDIUM, LARGE))
    return Breakdown(
        whole=_part(every),
        classes=_classes(every),
        sizes={name: _part(tables) for name, tables in zip(SIZES, of_sizes, strict=True)},
    )


def _part(tables: tuple[MatchTable, ...]) -> Part:
    at50 = tables[COCO_IOUS.index(0.5)]
    return Part(at50.objects, average_precision(at50), mean_average_precision(tables), average_recall(tables))


def _classes(tables: tuple[MatchTable, ...]) -> Mapping[str, Part]:
    at50 = tables[COCO_IOUS.index(0.5)]
    objects = np.bincount(at50.truth_label[~at50.truth_ignored], minlength=len(at50.labels)).tolist()
    ap50, ap = class_average_precisions((at50,)), class_average_precisions(tables)
    ar = class_average_recalls(tables)
    return {
        label: Part(count, ap50[label], ap[label], ar[label])
        for label, count in zip(at50.labels, objects, strict=True)
        if count
    }
