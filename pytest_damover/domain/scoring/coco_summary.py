"""COCO's twelve numbers of one revision (pycocotools `COCOeval.summarize`), with image weights and strays.

By size: ground truth outside of the range is ignored, and so is a detection outside of it that takes none. Worked by
hand: a phone of 20 x 20 and one of 50 x 50, both found at 0.8, and a false alarm of 40 x 40 at 0.9. AP50 over all sizes
is 2/3 (false alarm, hit, hit). Among the small ones it is 1: the large phone and the false alarm are out of range.
Among the medium ones it is 1/2. Among the large ones there is no data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.box_arrays import BoxArrays
from pytest_damover.domain.scoring.matching import ANY_SIZE, COCO_IOUS, LARGE, MEDIUM, SMALL, match_arrays
from pytest_damover.domain.scoring.metrics import average_precision, average_recall, mean_average_precision


@dataclass(frozen=True, slots=True)
class CocoSummary:
    """AP and AR in 0..1 at `COCO_IOUS` unless a threshold is named; None where no ground truth counts.

    `ar_1`, `ar_10`, `ar_100`: of the best 1, 10 and 100 detections of each image and class; by size of the best 100.
    """

    ap: float | None
    ap50: float | None
    ap75: float | None
    ap_small: float | None
    ap_medium: float | None
    ap_large: float | None
    ar_1: float | None
    ar_10: float | None
    ar_100: float | None
    ar_small: float | None
    ar_medium: float | None
    ar_large: float | None


def summarize(arrays: BoxArrays, weights: NDArray[np.float64] | None = None, strays: bool = True) -> CocoSummary:
    """All twelve; `weights` (images,) and `strays` as in `average_precision`, False for pycocotools' numbers."""
    every, *of_sizes = match_arrays(arrays, COCO_IOUS, (ANY_SIZE, SMALL, MEDIUM, LARGE))
    at50, at75 = every[COCO_IOUS.index(0.5)], every[COCO_IOUS.index(0.75)]
    return CocoSummary(
        mean_average_precision(every, weights, strays),
        average_precision(at50, weights, strays),
        average_precision(at75, weights, strays),
        *(mean_average_precision(tables, weights, strays) for tables in of_sizes),
        *(average_recall(every, most, weights) for most in (1, 10, 100)),
        *(average_recall(tables, weights=weights) for tables in of_sizes),
    )
