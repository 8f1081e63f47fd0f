"""What the allowed names make when they are called, as data: containers, and tensors that point at their numbers."""

from __future__ import annotations

from typing import Any

from pytest_damover.anatomy.values import (
    SPELLINGS,
    Global,
    Opaque,
    Storage,
    StoredTensor,
    UnreadTensor,
    is_count,
)

_TENSORS = frozenset({"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3"})
_PARAMETERS = frozenset({"_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter"})


def made_by(called: Global, args: tuple[Any, ...]) -> Any:
    """What calling that allowed name with those arguments makes, `Opaque` where it is not modelled."""
    if called.name == "OrderedDict":
        return _ordered(args)
    if called.name == "Size" and len(args) == 1 and isinstance(args[0], tuple | list):
        return tuple(args[0])
    if called.name in _TENSORS:
        return _tensor(called.name, args)
    if called.name in _PARAMETERS and args:
        return args[0]
    if called.name == "_rebuild_from_type_v2" and len(args) == 4 and isinstance(args[2], tuple):
        return made_by(args[0], args[2]) if _is_plain_rebuilder(args[0]) else Opaque()
    if called.module == "torch._utils":
        return UnreadTensor(f"rebuilt by {called}")
    return Opaque()


def storage_named(claim: Any) -> Storage | None:
    """The storage that a torch checkpoint's persistent id names; None when it is not such an id."""
    if not isinstance(claim, tuple) or len(claim) not in (5, 6) or claim[0] != "storage":
        return None
    _, kind, key, place, count, *view = claim
    if not isinstance(kind, Global) or not kind.name.endswith("Storage"):
        return None
    if not isinstance(key, str) or not isinstance(place, str) or not is_count(count):
        return None
    dtype = SPELLINGS.get(kind.name.removesuffix("Storage"), "")
    if not view or view[0] is None:
        return Storage(key, dtype, count)
    match view[0]:
        case (str(), first, size) if is_count(first) and is_count(size) and first + size <= count:
            return Storage(key, dtype, count, first)
    return None


def _ordered(args: tuple[Any, ...]) -> Any:
    if not args:
        return {}
    pairs = args[0]
    if isinstance(pairs, list) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs
    ):
        return dict(pairs)
    return dict(pairs) if isinstance(pairs, dict) else Opaque()


def _tensor(how: str, args: tuple[Any, ...]) -> StoredTensor | UnreadTensor:
    if len(args) < 4 or not isinstance(args[0], Storage):
        return UnreadTensor("its storage is not one of the checkpoint")
    storage, offset, shape, strides = args[:4]
    dtype = storage.dtype
    metadata = args[6:7]
    if how == "_rebuild_tensor_v3":
        dtype = SPELLINGS.get(args[6].name, "") if len(args) > 6 and isinstance(args[6], Global) else ""
        metadata = args[7:8]
    if metadata and metadata[0]:
        return UnreadTensor("conjugated or negated")
    if not is_count(offset) or not _counts(shape) or not _counts(strides) or len(shape) != len(strides):
        return UnreadTensor("its shape makes no sense")
    return StoredTensor(storage, dtype, offset, tuple(shape), tuple(strides))


def _counts(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) <= 64 and all(map(is_count, value))


def _is_plain_rebuilder(value: Any) -> bool:
    return isinstance(value, Global) and value.allowed and value.name != "_rebuild_from_type_v2"
