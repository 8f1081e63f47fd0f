"""A tensor where it lies: type, shape, and its numbers read only when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pytest_damover.anatomy.values import ITEM_BYTES
from pytest_damover.anatomy.window import Window

if TYPE_CHECKING:
    import numpy as np

MOST_SPREAD = 1 << 24
_NUMPY = {
    "F64": "f8",
    "I64": "i8", "U64": "u8", "F32": "f4", "I32": "i4", "U32": "u4", "F16": "f2", "BF16": "u2", "I16": "i2",
    "U16": "u2", "I8": "i1", "U8": "u1", "BOOL": "u1",
}  # fmt: skip


class TensorBytes(NamedTuple):
    """One tensor for a safetensors file: its spelling of the type, and contiguous little-endian bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A strided view into `numbers`, the bytes of one storage; offset and strides count numbers.

    `dtype` is safetensors' spelling. `why` says why the numbers cannot be read, and is "" when they can.
    """

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...] = ()
    offset: int = 0
    numbers: Window | None = None
    big_endian: bool = False
    why: str = ""

    @property
    def count(self) -> int:
        """Numbers in it."""
        return product(self.shape)

    def array(self) -> np.ndarray:
        """The numbers as they are stored, in `shape`, without a copy; bfloat16 as its 16 bits. ValueError if unread."""
        import numpy as np  # late: the command starts without it

        if self.numbers is None:
            raise ValueError(self.why)
        kind = np.dtype(("<", ">")[self.big_endian] + _NUMPY[self.dtype])
        if not self.count:
            return np.zeros(self.shape, kind)
        first = self.numbers.start + self.offset * kind.itemsize
        steps = tuple(stride * kind.itemsize for stride in self.strides)
        array: np.ndarray = np.ndarray(self.shape, kind, buffer=self.numbers.data, offset=first, strides=steps)
        return array

    def to_bytes(self) -> bytes:
        """The numbers, contiguous and little-endian. ValueError when they cannot be read."""
        array = self.array()
        return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def tensor_in(
    numbers: Window, dtype: str, shape: tuple[int, ...], strides: tuple[int, ...], offset: int, big_endian: bool = False
) -> Tensor:
    """That view of a storage, with `why` set when it reaches outside or is spread over far more than is stored."""
    if dtype not in ITEM_BYTES:
        return Tensor(dtype, shape, why="a type of number that is not read here")
    stored = numbers.size_bytes // ITEM_BYTES[dtype]
    count = product(shape)
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if count and last >= stored:
        return Tensor(dtype, shape, why="it reaches outside its storage")
    if count > max(stored, MOST_SPREAD):
        return Tensor(dtype, shape, why="it spreads few numbers over an enormous shape")
    return Tensor(dtype, shape, strides, offset, numbers, big_endian)


def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides, in numbers, of a tensor that lies in row order."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def product(sizes: tuple[int, ...]) -> int:
    """How many numbers a shape holds."""
    total = 1
    for size in sizes:
        total *= size
    return total
