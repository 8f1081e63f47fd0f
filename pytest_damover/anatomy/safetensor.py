"""safetensors files, read strictly: a header of names, types and places that cover the rest of the file exactly."""

from __future__ import annotations

from typing import Any

from pytest_damover.anatomy.tensors import Tensor, contiguous, product, tensor_in
from pytest_damover.anatomy.values import is_count
from pytest_damover.anatomy.window import OutOfBytesError, Window
from pytest_damover.documents import parse_json
from pytest_damover.domain.errors import Code, DamoverError

MAX_HEADER_BYTES = 25_000_000
METADATA = "__metadata__"
_KEYS = {"dtype", "shape", "data_offsets"}
_ITEM_BITS = {
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16,
    "U16": 16, "I8": 8, "U8": 8, "BOOL": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
}  # fmt: skip


class NoSafetensorsError(ValueError):
    """What is not a safetensors file, or not one that every reader takes alike."""


def safetensors_in(window: Window) -> dict[str, Tensor]:
    """Name to tensor; `NoSafetensorsError` when anything about the file is not as the format has it."""
    header, first = _header(window)
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise NoSafetensorsError("its metadata is not texts")
    places: list[tuple[int, int]] = []
    found = {}
    for name, entry in header.items():
        found[name] = _tensor(window, first, name, entry, places)
    _check_cover(places, window.end - first)
    return found


def _header(window: Window) -> tuple[dict[str, Any], int]:
    try:
        size = int.from_bytes(window.take(window.start, 8), "little")
        if size > MAX_HEADER_BYTES:
            raise NoSafetensorsError("no header of a safetensors file")
        text = window.take(window.start + 8, size)
        header = parse_json(text, "header", Code.REVISION_TREE)
    except (OutOfBytesError, DamoverError) as error:
        raise NoSafetensorsError("no header of a safetensors file") from error
    if not isinstance(header, dict) or text[:1] != b"{":
        raise NoSafetensorsError("no header of a safetensors file")
    return header, window.start + 8 + size


def _tensor(window: Window, first: int, name: str, entry: Any, places: list[tuple[int, int]]) -> Tensor:
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        raise NoSafetensorsError(f"{name[:80]!a} is not described as a tensor")
    dtype, shape, place = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in _ITEM_BITS or not isinstance(shape, list) or len(shape) > 64 or not all(map(is_count, shape)):
        raise NoSafetensorsError(f"{name[:80]!a} has a type or shape that there is not")
    if not isinstance(place, list) or len(place) != 2 or not all(map(is_count, place)):
        raise NoSafetensorsError(f"{name[:80]!a} has no place")
    sizes = tuple(shape)
    begin, end = place
    if end < begin or product(sizes) * _ITEM_BITS[dtype] != (end - begin) * 8 or first + end > window.end:
        raise NoSafetensorsError(f"{name[:80]!a} does not fit its place")
    places.append((begin, end))
    return tensor_in(window.part(first + begin, first + end), dtype, sizes, contiguous(sizes), 0)


def _check_cover(places: list[tuple[int, int]], total: int) -> None:
    reached = 0
    for begin, end in sorted(places):
        if begin != reached:
            raise NoSafetensorsError("its tensors overlap or leave bytes over")
        reached = end
    if reached != total:
        raise NoSafetensorsError("its tensors leave bytes over")
