"""What stands for the objects of a pickle that is read and not run: plain data, and stubs that can do nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# torch's spelling of a type of number, and safetensors'; what is not here has no numbers that we read
SPELLINGS = {
    "Float": "F32", "Double": "F64", "Half": "F16", "BFloat16": "BF16", "Long": "I64", "Int": "I32", "Short": "I16",
    "Char": "I8", "Byte": "U8", "Bool": "BOOL",
    "float32": "F32", "float64": "F64", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
    "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL", "uint16": "U16", "uint32": "U32", "uint64": "U64",
}  # fmt: skip
ITEM_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1,
    "U8": 1, "BOOL": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Global:
    """A name that a pickle imports."""

    module: str
    name: str
    allowed: bool

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Opaque:
    """Something that is built when the pickle runs and of which nothing more is known here."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Storage:
    """Numbers that lie elsewhere in the checkpoint: key, safetensors' spelling of their type ("" when unknown).

    `count` is of the whole storage, `first` the first number of a view into it.
    """

    key: str
    dtype: str
    count: int
    first: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class StoredTensor:
    """A view into a storage; offset and strides count numbers, not bytes."""

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class UnreadTensor:
    """A tensor of a form whose numbers are not read here (quantised, sparse, conjugated, no storage)."""

    why: str


def is_count(value: Any) -> bool:
    """True for what may be a size: an integer (not a truth value) from 0 to 2**62."""
    return type(value) is int and 0 <= value < 1 << 62
