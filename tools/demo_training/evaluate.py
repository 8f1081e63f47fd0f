"""AP at IoU 0.5 of a folder on labelled scenes, through the real pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]


def load_pipeline(folder: Path) -> Any:
    """The real ModelScope pipeline of a revision folder, on one thread."""
    import torch
    from modelscope.pipelines import pipeline

    torch.set_num_threads(1)
    return pipeline("domain-specific-object-detection", model=str(folder), trust_remote_code=True, device="cpu")


def detect(detector: Any, rgb: NDArray[np.uint8]) -> tuple[Boxes, Boxes]:
    """Boxes and scores of a picture; the pipeline takes arrays as BGR."""
    found = detector(np.ascontiguousarray(rgb[..., ::-1]))
    boxes = np.asarray(found["boxes"], dtype=np.float32).reshape(-1, 4)
    return boxes, np.asarray(found["scores"], dtype=np.float32).reshape(-1)


def iou_matrix(first: Boxes, second: Boxes) -> Boxes:
    """Overlap of every box with every other."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None, :] - common
    return np.asarray(common / np.maximum(union, 1e-9), dtype=np.float32)


def matched(boxes: Boxes, scores: Boxes, truth: Boxes, iou: float = 0.5) -> NDArray[np.bool_]:
    """Which detections hit a ground truth of their own, best score first."""
    hits = np.zeros(len(boxes), dtype=bool)
    overlap = iou_matrix(boxes, truth)
    free = np.ones(len(truth), dtype=bool)
    for index in np.argsort(-scores, kind="stable"):
        row = np.where(free, overlap[index], 0)
        if len(row) and row.max() >= iou:
            hits[index], free[int(row.argmax())] = True, False
    return hits


def average_precision(scores: Boxes, hits: NDArray[np.bool_], weights: Boxes, truths: float) -> float:
    """Area under the precision envelope, 101 points as in COCO; ``weights`` count repeated images."""
    if truths <= 0:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hit, weight = hits[order], weights[order]
    true, false = np.cumsum(weight * hit), np.cumsum(weight * ~hit)
    recall, precision = true / truths, true / np.maximum(true + false, 1e-9)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.append(envelope, 0.0)[np.minimum(at, len(envelope))].mean())
