"""Checkpoints that torch writes, zip archive or older stream, read without torch: the object, and where numbers lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_damover.anatomy.machine import Reading, read_pickle
from pytest_damover.anatomy.tensors import Tensor, tensor_in
from pytest_damover.anatomy.values import ITEM_BYTES, Storage, StoredTensor, UnreadTensor
from pytest_damover.anatomy.window import OutOfBytesError, Window
from pytest_damover.anatomy.zips import Entry

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
STREAMS = 5


@dataclass(frozen=True, slots=True, eq=False)
class TorchFile:
    """What a checkpoint holds: `value` as data with stubs for tensors, and the storages by key."""

    value: Any
    storages: Mapping[str, Window]
    big_endian: bool
    findings: tuple[str, ...]

    def tensor(self, found: StoredTensor | UnreadTensor) -> Tensor:
        """That stub with its numbers, or with the reason why they cannot be read."""
        if isinstance(found, UnreadTensor):
            return Tensor("", (), why=found.why)
        storage = found.storage
        numbers = self.storages.get(storage.key)
        item = ITEM_BYTES.get(found.dtype)
        if numbers is None or item is None:
            why = "its numbers are not in the file" if item else "a type of number that is not read here"
            return Tensor(found.dtype, found.shape, why=why)
        view = _view(numbers, storage)
        if view is None:
            return Tensor(found.dtype, found.shape, why="its storage is cut off")
        return tensor_in(view, found.dtype, found.shape, found.strides, found.offset, self.big_endian)


def root_of(entries: tuple[Entry, ...]) -> str | None:
    """The folder that torch's own reader takes in an archive; None when the archive is no checkpoint."""
    if not entries or "/" not in entries[0].name:
        return None
    root = entries[0].name.split("/", 1)[0]
    return root if any(entry.name == f"{root}/data.pkl" for entry in entries) else None


def from_zip(entries: tuple[Entry, ...], root: str) -> TorchFile:
    """The checkpoint in `root` of a zip archive; storages that are compressed are left out."""
    by_name = {entry.name: entry for entry in entries}
    window = by_name[f"{root}/data.pkl"].content()
    reading = read_pickle(window, window.start, torch_storages=True)
    findings = reading.findings
    if not findings and reading.end != window.end:
        findings = ("data behind the end of a pickle",)
    order = by_name.get(f"{root}/byteorder")
    prefix = f"{root}/data/"
    storages = {
        name[len(prefix) :]: one.packed for name, one in by_name.items() if name.startswith(prefix) and one.stored
    }
    return TorchFile(reading.value, storages, order is not None and order.content().head(6) == b"big", findings)


def from_stream(window: Window) -> TorchFile | None:
    """The checkpoint in a stream of five pickles and raw storages; None when the first is not torch's magic number."""
    first = read_pickle(window, window.start)
    if first.findings or first.value != MAGIC or type(first.value) is not int:
        return None
    readings = [first]
    while len(readings) < STREAMS and not readings[-1].findings:
        readings.append(read_pickle(window, readings[-1].end, torch_storages=len(readings) == 3))
    findings = tuple(dict.fromkeys(finding for reading in readings for finding in reading.findings))
    if findings:
        return TorchFile(None, {}, False, findings)
    return _with_storages(window, readings)


def _with_storages(window: Window, readings: list[Reading]) -> TorchFile:
    _, protocol, system, body, keys = (reading.value for reading in readings)
    if protocol != PROTOCOL or not isinstance(system, dict) or not isinstance(keys, list):
        return TorchFile(None, {}, False, ("a checkpoint of a form that torch does not write",))
    sizes = _item_sizes(body)
    storages: dict[str, Window] = {}
    position = readings[-1].end
    try:
        for key in keys:
            count = int.from_bytes(window.take(position, 8), "little")
            end = position + 8 + count * sizes[key]
            storages[key] = window.part(position + 8, end)
            position = end
    except (OutOfBytesError, KeyError, TypeError):
        return TorchFile(body, storages, False, ("a checkpoint whose numbers are cut off",))
    findings = () if position == window.end else ("data behind the end of a checkpoint",)
    return TorchFile(body, storages, not system.get("little_endian", True), findings)


def _item_sizes(body: Any) -> dict[str, int]:
    """Bytes of one number by storage key, of every storage that the object refers to."""
    sizes: dict[str, int] = {}
    waiting, seen = [body], set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, StoredTensor):
            value = value.storage
        if isinstance(value, Storage):
            sizes[value.key] = ITEM_BYTES.get(value.dtype, 0) or 1
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen.add(id(value))
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return sizes


def _view(numbers: Window, storage: Storage) -> Window | None:
    if not storage.first:
        return numbers
    try:
        return numbers.part(numbers.start + storage.first * ITEM_BYTES.get(storage.dtype, 1), numbers.end)
    except OutOfBytesError:
        return None
