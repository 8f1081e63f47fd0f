"""What a race tells beside its pairs: decoding, the phases of the calls, and calls with several images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from pytest_damover.domain.timing.phases import PHASES, PhasePairs

if TYPE_CHECKING:  # the command reads plans and journals without numpy
    from pytest_damover.domain.timing.latency import Pairs


@dataclass(frozen=True, slots=True)
class BatchPairs:
    """(baseline, candidate) nanoseconds of calls with `size` images each, in the order in which they were run."""

    size: int
    pairs_ns: Pairs


@dataclass(frozen=True, slots=True)
class RaceTimes:
    """`decode_ns`: what decoding each image took, once for both sides; `phases_ns`: the race's calls by phase.

    `batches` are races of their own, one for each size of batch; `unbatched` says why there is none, or not all.
    """

    decode_ns: tuple[int, ...] = ()
    phases_ns: PhasePairs = field(default_factory=dict)
    batches: tuple[BatchPairs, ...] = ()
    unbatched: str = ""

    @property
    def decode_ms(self) -> float | None:
        """Milliseconds that decoding the median image took; None where none was decoded in the race's process."""
        return median(self.decode_ns) / 1e6 if self.decode_ns else None

    def to_json(self) -> dict[str, Any]:
        """Plain data; what is not known is left out."""
        batches = [{"size": batch.size, "pairs_ns": batch.pairs_ns} for batch in self.batches]
        data = {
            "decode_ns": self.decode_ns,
            "phases_ns": dict(self.phases_ns),
            "batches": batches,
            "unbatched": self.unbatched,
        }
        return {key: value for key, value in data.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RaceTimes:
        """The inverse of `to_json`; TypeError, ValueError or KeyError when it is none."""
        phases_ns = data.get("phases_ns", {}) if isinstance(data, Mapping) else None
        if not isinstance(phases_ns, Mapping):
            raise TypeError("times of a race, or phases, that are no object")
        return cls(
            decode_ns=tuple(map(_whole, data.get("decode_ns", ()))),
            phases_ns={_phase(name): _pairs(pairs) for name, pairs in phases_ns.items()},
            batches=tuple(BatchPairs(_whole(one["size"]), _pairs(one["pairs_ns"])) for one in data.get("batches", ())),
            unbatched=str(data.get("unbatched", "")),
        )


def _pairs(data: Any) -> Pairs:
    return tuple((before, after) for before, after in data)


def _phase(name: str) -> str:
    if name not in PHASES:
        raise ValueError(f"{name!r} is no phase of a call")
    return name


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no count and no number of nanoseconds")
    return value
