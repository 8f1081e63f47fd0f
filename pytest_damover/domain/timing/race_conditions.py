"""What a race ran under, as the journal keeps it: enough to see whether its times are worth anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pytest_damover.domain.timing.race_times import RaceTimes

Sides = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class RaceConditions:
    """`heats`: how often both sides were loaded; `thrown_away`: blocks in which a clock moved or was throttled.

    `throttled`: those of them that were throttled; `copies`: pairs that were there before and were run anew; `crowded`:
    quads that were run anew because baseline, candidate waited for the core.

    `load` and `clock_mhz` are the lowest and highest that were seen at the ends of blocks, the load average for each
    core. `others`: the most other compute processes that were on the GPU, None where there is none or nobody can tell.
    `cores`: those that heats ran on, both sides on one. Of baseline and candidate: `threads`, and peak bytes in the
    last heat, resident and on the GPU; `peaks_bytes` and `gpu_peaks_bytes` have them for every heat. `loads_ns` are the
    times that loading both took, heat by heat; `times`
    what the race tells beside its pairs.
    """

    heats: int
    thrown_away: int = 0
    load: tuple[float, float] | None = None
    clock_mhz: tuple[float, float] | None = None
    governor: str = ""
    temperature_c: float | None = None
    others: int | None = None
    threads: Sides = (None, None)
    peak_bytes: Sides = (None, None)
    gpu_peak_bytes: Sides = (None, None)
    loads_ns: tuple[tuple[int, int], ...] = ()
    peaks_bytes: tuple[tuple[int, int], ...] = ()
    gpu_peaks_bytes: tuple[tuple[int, int], ...] = ()
    throttled: int = 0
    copies: int = 0
    times: RaceTimes = field(default_factory=RaceTimes)
    cores: tuple[int, ...] = ()
    crowded: tuple[int, int] = (0, 0)

    def to_json(self) -> dict[str, Any]:
        """Plain data; what is not known is left out."""
        data = {each.name: getattr(self, each.name) for each in fields(self)} | {"times": self.times.to_json()}
        silent = {key for key in ("throttled", "copies", "crowded") if data[key] in (0, (0, 0))}
        return {
            key: value
            for key, value in data.items()
            if key not in silent and value not in (None, "", (), (None, None), {})
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RaceConditions:
        """The inverse of `to_json`; TypeError, ValueError or KeyError when it is none."""
        heats, thrown_away = data["heats"], data.get("thrown_away", 0)
        others, throttled, copies = data.get("others"), data.get("throttled", 0), data.get("copies", 0)
        counts = (heats, thrown_away, others or 0, throttled, copies)
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError("a race with heats, blocks or processes that are no counts")
        return cls(
            heats=heats,
            thrown_away=thrown_away,
            load=_range(data.get("load")),
            clock_mhz=_range(data.get("clock_mhz")),
            governor=str(data.get("governor", "")),
            temperature_c=data.get("temperature_c"),
            others=others,
            threads=_sides(data.get("threads")),
            peak_bytes=_sides(data.get("peak_bytes")),
            gpu_peak_bytes=_sides(data.get("gpu_peak_bytes")),
            loads_ns=tuple((before, after) for before, after in data.get("loads_ns", ())),
            peaks_bytes=_counts(data.get("peaks_bytes", ())),
            gpu_peaks_bytes=_counts(data.get("gpu_peaks_bytes", ())),
            throttled=throttled,
            copies=copies,
            times=RaceTimes.from_json(data.get("times", {})),
            cores=tuple(_count(core) for core in data.get("cores", ())),
            crowded=_counts([data.get("crowded", (0, 0))])[0],
        )


def _range(data: Any) -> tuple[float, float] | None:
    if data is None:
        return None
    low, high = data
    return float(low), float(high)


def _counts(data: Any) -> tuple[tuple[int, int], ...]:
    pairs = tuple((before, after) for before, after in data)
    if not all(type(side) is int and side >= 0 for pair in pairs for side in pair):
        raise ValueError("a side with a number that is no count")
    return pairs


def _count(data: Any) -> int:
    if type(data) is not int or data < 0:
        raise ValueError("a core with a number that is no count")
    return data


def _sides(data: Any) -> Sides:
    before, after = (None, None) if data is None else data
    if not all(side is None or (type(side) is int and side >= 0) for side in (before, after)):
        raise ValueError("a side with a number that is no count")
    return before, after
