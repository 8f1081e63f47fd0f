"""Slices that nobody has to name: what an image is like, and how many objects of what size its case lists.

The bins are fixed here and in docs/slices.md, none of them was fitted to data:

- `brightness`, the mean luma: four equal parts of 0..255;
- `contrast`, the standard deviation of the luma: an eighth and a quarter of 256 (all grey values alike have 74);
- `blur`, the variance of the Laplacian: 100 is where it is customary to call a picture blurred, and a decade more;
- `smallest_object`, the area of the smallest listed box in pixels: COCO's 32² and 96²;
- `objects`, how many boxes the case lists: up to four are seen at a glance, more are counted.

Crowds and objects to ignore are not among the boxes of the last two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_damover.domain.case import Case, GroundTruth
from pytest_damover.domain.slicing.image_properties import ImageProperties


@dataclass(frozen=True, slots=True)
class Scale:
    """Bins in rising order: a value below `edges[i]` is in `bins[i]` or an earlier one, the last bin has no end."""

    name: str
    bins: tuple[str, ...]
    edges: tuple[float, ...]

    @property
    def slices(self) -> tuple[str, ...]:
        """The names of its slices, as in `brightness:dark`."""
        return tuple(f"{self.name}:{bin_name}" for bin_name in self.bins)

    def slice_of(self, value: float) -> str:
        """The slice that `value` falls into; it is finite."""
        return self.slices[sum(value >= edge for edge in self.edges)]


BRIGHTNESS = Scale("brightness", ("dark", "dim", "bright", "glaring"), (64, 128, 192))
CONTRAST = Scale("contrast", ("low", "medium", "high"), (32, 64))
BLUR = Scale("blur", ("blurred", "soft", "sharp"), (100, 1000))
SMALLEST_OBJECT = Scale("smallest_object", ("small", "medium", "large"), (32 * 32, 96 * 96))
OBJECTS = Scale("objects", ("none", "one", "few", "many"), (1, 2, 5))

OF_PIXELS = (BRIGHTNESS, CONTRAST, BLUR)
SCALES = (*OF_PIXELS, SMALLEST_OBJECT, OBJECTS)
FREE_SLICES = tuple(name for scale in SCALES for name in scale.slices)


def free_slices(truths: Sequence[GroundTruth] | None, properties: ImageProperties | None) -> tuple[str, ...]:
    """The free slices of an image: those of its listed objects, and of its pixels where these were measured."""
    return tuple(_free_slices(truths, properties))


def slice_names(case: Case, properties: ImageProperties | None) -> tuple[str, ...]:
    """All slices of a case: its own, and the free ones."""
    return (*case.slices, *free_slices(case.expected.expected_boxes, properties))


def may_be_in(name: str, known: Sequence[str]) -> bool:
    """Is an image with the slices `known` in the slice, or could it be, had its pixels been measured?"""
    if name in known:
        return True
    scale = next((scale for scale in OF_PIXELS if name in scale.slices), None)
    return scale is not None and not any(other in known for other in scale.slices)


def _free_slices(truths: Sequence[GroundTruth] | None, properties: ImageProperties | None) -> Iterator[str]:
    if properties is not None:
        for scale, value in zip(OF_PIXELS, properties, strict=True):
            yield scale.slice_of(value)
    if truths is not None:
        areas_px = [_area_px(truth) for truth in truths if truth.counts]
        if areas_px:
            yield SMALLEST_OBJECT.slice_of(min(areas_px))
        yield OBJECTS.slice_of(len(areas_px))


def _area_px(truth: GroundTruth) -> float:
    x1, y1, x2, y2 = truth.box
    return (x2 - x1) * (y2 - y1)
