"""How far the numbers of two sets of tensors are apart, read in pieces so that no checkpoint is all in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_damover.anatomy.tensors import Tensor

if TYPE_CHECKING:
    import numpy as np

PIECE_NUMBERS = 1 << 20
FLOATING = frozenset({"F64", "F32", "F16", "BF16"})
STATISTICS = frozenset({"running_mean", "running_var", "num_batches_tracked"})
"""What batch normalisation keeps of the pictures it saw: it moves by orders of magnitude and says little."""


@dataclass(frozen=True, slots=True)
class Movement:
    """How one tensor's numbers moved: sums of squares of the differences and of the baseline's numbers.

    `changed` when any bit is another; the sums are of finite floating-point numbers only, and `broken` counts those
    that are finite in the baseline and not in the candidate.
    """

    changed: bool
    difference: float = 0.0
    baseline: float = 0.0
    broken: int = 0

    @property
    def relative(self) -> float | None:
        """The norm of the difference over the norm of the baseline; None where that is zero."""
        return math.sqrt(self.difference / self.baseline) if self.baseline else None


def movement(before: Tensor, after: Tensor) -> Movement:
    """How the numbers of two readable tensors of one shape and type differ."""
    import numpy as np  # late: the command starts without it

    old, new = (np.ascontiguousarray(one.array()).reshape(-1) for one in (before, after))
    floating = before.dtype in FLOATING
    changed, difference, baseline, broken = False, 0.0, 0.0, 0
    for start in range(0, old.size, PIECE_NUMBERS):
        left, right = old[start : start + PIECE_NUMBERS], new[start : start + PIECE_NUMBERS]
        other = not np.array_equal(_bits(left), _bits(right))
        changed = changed or other
        if floating:
            left, right = _floats(left, before.dtype), _floats(right, after.dtype)
            moved, size, lost = _sums(left, right) if other else (0.0, _square(left), 0)
            difference, baseline, broken = difference + moved, baseline + size, broken + lost
    return Movement(changed, difference, baseline, broken)


def movements(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> dict[str, Movement]:
    """The movement of every tensor that both have in one shape and type and whose numbers can be read, by name."""
    return {
        name: movement(tensor, after[name])
        for name, tensor in before.items()
        if name in after and comparable(tensor, after[name])
    }


def comparable(before: Tensor, after: Tensor) -> bool:
    """True when both can be read and are of one shape and type."""
    return not (before.why or after.why) and (before.dtype, before.shape) == (after.dtype, after.shape)


def learned(found: Mapping[str, Movement]) -> dict[str, Movement]:
    """Only the movements of numbers that are learned; where there are none but statistics, those."""
    kept = {name: one for name, one in found.items() if name.rpartition(".")[2] not in STATISTICS}
    return kept or dict(found)


def relative_change(found: Mapping[str, Movement]) -> float | None:
    """The norm of all differences over the norm of all of the baseline's floating-point numbers."""
    total = Movement(True, sum(one.difference for one in found.values()), sum(one.baseline for one in found.values()))
    return total.relative


def _bits(array: np.ndarray) -> np.ndarray:
    import numpy as np

    wide = array.view(np.uint8)
    return wide.view(np.uint64) if wide.size % 8 == 0 else wide


def _floats(array: np.ndarray, dtype: str) -> np.ndarray:
    import numpy as np

    if dtype == "BF16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float64 if dtype == "F64" else np.float32, copy=False)


def _square(numbers: np.ndarray) -> float:
    import numpy as np

    with np.errstate(all="ignore"):
        total = float(np.dot(numbers, numbers))
        if math.isfinite(total):
            return total
        wide = numbers.astype(np.float64)
        kept = wide[np.isfinite(wide)]
        total = float(np.dot(kept, kept))
    return total if math.isfinite(total) else 0.0


def _sums(before: np.ndarray, after: np.ndarray) -> tuple[float, float, int]:
    import numpy as np

    with np.errstate(all="ignore"):
        moved = after - before
        quick = float(np.dot(moved, moved))
        if math.isfinite(quick):
            return quick, _square(before), 0
        lost = int(np.count_nonzero(np.isfinite(before) & ~np.isfinite(after)))
        both = np.isfinite(before) & np.isfinite(after)
        wide = after[both].astype(np.float64) - before[both]
    return _square(wide), _square(before), lost
