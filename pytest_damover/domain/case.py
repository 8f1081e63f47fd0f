"""A case: one image with what we demand of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

DEFAULT_CONFIDENCE_THRESHOLD = 0.5
DEFAULT_IOU_THRESHOLD = 0.5

Box = tuple[float, float, float, float]


class Severity(str, Enum):
    """How much it hurts when the case fails."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """One known object: `box` x1 y1 x2 y2 in pixels of the decoded image, and its class name.

    One to `ignore` need not be found, and finding it is no false alarm; a `crowd` box holds many objects, and any
    number of detections in it are ignored.
    """

    box: Box
    label: str
    crowd: bool = False
    ignore: bool = False

    @property
    def counts(self) -> bool:
        """True when it has to be found."""
        return not (self.crowd or self.ignore)


@dataclass(frozen=True, slots=True)
class Expected:
    """The demands of one case; a demand that is None was not made.

    Objects are counted at score >= `confidence_threshold`; boxes match at IoU >= `iou_threshold`.
    """

    confidence_threshold: float = DEFAULT_CONFIDENCE_THRESHOLD
    iou_threshold: float = DEFAULT_IOU_THRESHOLD
    min_objects: int | None = None
    max_objects: int | None = None
    labels: tuple[str, ...] | None = None
    forbidden_regions: tuple[Box, ...] | None = None
    no_duplicates: bool | None = None
    expected_boxes: tuple[GroundTruth, ...] | None = None


@dataclass(frozen=True, slots=True)
class GoldenDemand:
    """That the detections are those of a golden; a tolerance that is None is the one it was accepted with."""

    box_px: float | None = None
    score: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One image of one suite with its demands.

    `image_path` is relative to the suite's root; `source` names the case file, relative to the project's root;
    `digest` is the SHA-256 of the case's JSON text; `data` is that JSON as it was read; `golden` is None for a case
    that is held to no golden. Images of one `group` (a camera, a site) are no independent evidence of each other.
    """

    suite: str
    name: str
    image_path: str
    image_sha256: str | None
    severity: Severity
    slices: tuple[str, ...]
    expected: Expected
    source: str
    digest: str
    data: Mapping[str, Any]
    golden: GoldenDemand | None = None
    group: str | None = None

    @property
    def has_ground_truth(self) -> bool:
        """True when the case lists its objects, so that it counts for AP."""
        return self.expected.expected_boxes is not None


def case_from_data(data: Mapping[str, Any], suite: str, source: str, digest: str) -> Case:
    """Build a case from JSON that the case schema has accepted."""
    return Case(
        suite=suite,
        name=data["name"],
        image_path=data["image_path"],
        image_sha256=data.get("image_sha256"),
        severity=Severity(data.get("severity", Severity.MAJOR.value)),
        slices=tuple(data.get("slices", ())),
        expected=_expected(data["expected"]),
        source=source,
        digest=digest,
        data=data,
        golden=_golden(data["expected"].get("golden")),
        group=data.get("group"),
    )


def _golden(data: Any) -> GoldenDemand | None:
    if not data:
        return None
    return GoldenDemand() if data is True else GoldenDemand(**data)


def _expected(data: Mapping[str, Any]) -> Expected:
    boxes, regions, labels = data.get("expected_boxes"), data.get("forbidden_regions"), data.get("labels")
    return Expected(
        confidence_threshold=data.get("confidence_threshold", DEFAULT_CONFIDENCE_THRESHOLD),
        iou_threshold=data.get("iou_threshold", DEFAULT_IOU_THRESHOLD),
        min_objects=data.get("min_objects"),
        max_objects=data.get("max_objects"),
        labels=None if labels is None else tuple(labels),
        forbidden_regions=None if regions is None else tuple(_box(region) for region in regions),
        no_duplicates=data.get("no_duplicates"),
        expected_boxes=None if boxes is None else tuple(_ground_truth(entry) for entry in boxes),
    )


def _ground_truth(data: Mapping[str, Any]) -> GroundTruth:
    return GroundTruth(_box(data["box"]), data["label"], data.get("crowd", False), data.get("ignore", False))


def _box(values: Any) -> Box:
    x1, y1, x2, y2 = values
    return float(x1), float(y1), float(x2), float(y2)
