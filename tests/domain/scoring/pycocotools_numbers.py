"""The same images judged by pycocotools: the oracle of our numbers."""

import contextlib
import io

import numpy as np


def dataset(truth_lists, labels):
    """Ground truth as COCO's JSON; pycocotools knows no object to ignore but a crowd and one larger than any range."""
    categories = {label: number for number, label in enumerate(labels, start=1)}
    annotations = [
        {
            "image_id": image,
            "category_id": categories[truth.label],
            "bbox": xywh(truth.box),
            "iscrowd": int(truth.crowd),
            "area": 1e12 if truth.ignore else xywh(truth.box)[2] * xywh(truth.box)[3],
        }
        for image, known in enumerate(truth_lists)
        for truth in known
    ]
    return {
        "images": [{"id": image} for image in range(len(truth_lists))],
        "categories": [{"id": number, "name": name} for name, number in categories.items()],
        "annotations": [{**entry, "id": number} for number, entry in enumerate(annotations, start=1)],
    }


def results(found, labels):
    """Detections as COCO's JSON."""
    categories = {label: number for number, label in enumerate(labels, start=1)}
    return [
        {"image_id": image, "category_id": categories[label], "bbox": xywh(box), "score": score}
        for image, one in enumerate(found)
        for box, score, label in zip(one.boxes.tolist(), one.scores.tolist(), one.labels, strict=True)
    ]


def evaluated(truth_lists, found, iou_thresholds=None):
    """A COCOeval that has accumulated, and the labels in the order of its categories."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    labels = sorted({t.label for known in truth_lists for t in known} | {name for one in found for name in one.labels})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = dataset(truth_lists, labels)
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results(found, labels)), "bbox")
        if iou_thresholds is not None:
            evaluation.params.iouThrs = np.array(iou_thresholds)
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation, labels


def twelve(evaluation):
    """What `summarize` prints, None for -1."""
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.summarize()
    return [mean_or_none(np.array([value])) for value in evaluation.stats]


def average_precision(evaluation, threshold=slice(None), label=slice(None)):
    """AP over all sizes and up to a hundred detections, None without ground truth."""
    return mean_or_none(evaluation.eval["precision"][threshold, :, label, 0, -1])


def average_recall(evaluation, label=slice(None)):
    return mean_or_none(evaluation.eval["recall"][:, label, 0, -1])


def mean_or_none(values):
    defined = values[values > -1]
    return float(defined.mean()) if defined.size else None


def xywh(box):
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]
