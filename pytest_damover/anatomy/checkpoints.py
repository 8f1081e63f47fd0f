"""A checkpoint of any of the three forms as one table of tensors, and what else is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_damover.anatomy.safetensor import NoSafetensorsError, safetensors_in
from pytest_damover.anatomy.tensors import Tensor, TensorBytes
from pytest_damover.anatomy.torchfile import TorchFile, from_stream, from_zip, root_of
from pytest_damover.anatomy.values import StoredTensor, UnreadTensor
from pytest_damover.anatomy.window import Window, open_window
from pytest_damover.anatomy.zips import LOCAL_MAGIC, OddZipError, entries_of
from pytest_damover.domain.errors import Code, DamoverError, Fault

# where DAMO-YOLO's loader looks for the weights in what torch.load returns, in its order
STATE_KEYS = ("model", "state_dict")


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Name to tensor, in the order of the file; `leftovers` names what is in the file and is no tensor of the model."""

    tensors: Mapping[str, Tensor]
    leftovers: tuple[str, ...]


def read_checkpoint(path: Path, where: str = "") -> Checkpoint:
    """The tensors of a checkpoint, numbers unread; `DamoverError` when it is none or holds more than data."""
    where = where or path.name
    return checkpoint_in(open_window(path, where), where)


def checkpoint_in(window: Window, where: str) -> Checkpoint:
    """The same for bytes that are at hand."""
    if window.head(4) == LOCAL_MAGIC:
        return _state(_archive(window, where), where)
    stream = from_stream(window)
    if stream is not None:
        return _state(stream, where)
    try:
        return Checkpoint(safetensors_in(window), ())
    except NoSafetensorsError as error:
        raise _unreadable(where, f"not a checkpoint ({error})") from error


def iter_tensors(path: Path) -> Iterator[TensorBytes]:
    """Every tensor of a checkpoint's state dict in its order, as contiguous little-endian bytes.

    `DamoverError` before the first tensor when the file is no checkpoint, holds more than data, or any tensor cannot
    be read. What else is in the file is told by `leftovers`.
    """
    tensors = read_checkpoint(path).tensors
    faults = [_fault(f"{path.name}: {name}", tensor.why) for name, tensor in tensors.items() if tensor.why]
    if faults:
        raise DamoverError(*faults)
    return (TensorBytes(name, one.dtype, one.shape, one.to_bytes()) for name, one in tensors.items())


def leftovers(path: Path) -> tuple[str, ...]:
    """What is in a checkpoint beside the tensors of its state dict, by name."""
    return read_checkpoint(path).leftovers


def _archive(window: Window, where: str) -> TorchFile:
    try:
        entries = entries_of(window)
        root = root_of(entries)
        if root is None:
            raise _unreadable(where, "a zip archive that is no checkpoint of torch")
        return from_zip(entries, root)
    except OddZipError as error:
        raise _unreadable(where, str(error)) from error


def _state(file: TorchFile, where: str) -> Checkpoint:
    if file.findings:
        raise _unreadable(where, "; ".join(file.findings))
    value: Any = file.value
    outside: list[str] = []
    if not isinstance(value, dict):
        raise _unreadable(where, "a checkpoint without a state dict")
    key = next((key for key in STATE_KEYS if isinstance(value.get(key), dict)), None)
    if key is not None:
        outside = [_named(other) for other in value if other != key]
        value = value[key]
    tensors = {}
    for name, found in value.items():
        if isinstance(name, str) and isinstance(found, StoredTensor | UnreadTensor):
            tensors[name] = file.tensor(found)
        else:
            outside.append(_named(name) if key is None else f"{key}.{_named(name)}")
    if not tensors:
        raise _unreadable(where, "a checkpoint without a tensor")
    return Checkpoint(tensors, tuple(outside))


def _named(key: Any) -> str:
    return key if isinstance(key, str) else ascii(key)[:80]


def _unreadable(where: str, found: str) -> DamoverError:
    return DamoverError(_fault(where, found))


def _fault(where: str, found: str) -> Fault:
    allowed = "a torch checkpoint of tensors and plain containers, or safetensors"
    return Fault(Code.REVISION_TREE, where, found, allowed)
