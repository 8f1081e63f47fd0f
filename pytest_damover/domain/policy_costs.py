"""The parts of a policy that limit what a candidate costs: time, memory, files, loading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_CONFIDENCE = 0.95
DEFAULT_PAIRS = 24
DEFAULT_LOADS = 16
DEFAULT_BATCHES = (1, 4, 8)


@dataclass(frozen=True, slots=True)
class LatencyRule:
    """The candidate may take at most `max_ratio` times the baseline's time an image, and at most so many milliseconds.

    `max_ms` is for its median image, `p90_ms` and `p99_ms` for its slow ones. A race takes `pairs` interleaved pairs,
    and up to `max_pairs` while its intervals decide nothing (None: no more than `pairs`).
    """

    max_ratio: float | None
    pairs: int
    confidence: float
    max_pairs: int | None = None
    max_ms: float | None = None
    p90_ms: float | None = None
    p99_ms: float | None = None

    @property
    def limits_ms(self) -> tuple[tuple[float, float], ...]:
        """The percentiles of the candidate's times that have a limit, as shares, each with it."""
        limits = ((0.5, self.max_ms), (0.9, self.p90_ms), (0.99, self.p99_ms))
        return tuple((share, limit) for share, limit in limits if limit is not None)


@dataclass(frozen=True, slots=True)
class CostRule:
    """The candidate may cost at most `max_ratio` times what the baseline does, and at most `most` on its own.

    `most` is in megabytes (millions of bytes) of memory and files, in milliseconds of a cold start, which is measured
    `loads` times at least on each side, and in millions of parameters.
    """

    max_ratio: float | None
    most: float | None
    loads: int = 0


@dataclass(frozen=True, slots=True)
class ThroughputRule:
    """At each of `batch_sizes` the candidate must do at least `min_ratio` times the baseline's images a second.

    Each size is a race of its own, of `pairs` pairs of calls.
    """

    min_ratio: float
    batch_sizes: tuple[int, ...]
    pairs: int
    confidence: float

    @property
    def race(self) -> LatencyRule:
        """The race that decides it: so many times the images is the inverse of so many times the time."""
        return LatencyRule(1 / self.min_ratio, self.pairs, self.confidence)


def latency_rule(data: Mapping[str, Any]) -> LatencyRule:
    """The section `[latency]` of a policy."""
    return LatencyRule(
        max_ratio=data.get("max_ratio"),
        pairs=data.get("pairs", DEFAULT_PAIRS),
        confidence=data.get("confidence", DEFAULT_CONFIDENCE),
        **{key: data.get(key) for key in ("max_pairs", "max_ms", "p90_ms", "p99_ms")},
    )


def throughput_rule(data: Mapping[str, Any]) -> ThroughputRule:
    """The section `[throughput]` of a policy."""
    return ThroughputRule(
        min_ratio=data["min_ratio"],
        batch_sizes=tuple(data.get("batch_sizes", DEFAULT_BATCHES)),
        pairs=data.get("pairs", DEFAULT_PAIRS),
        confidence=data.get("confidence", DEFAULT_CONFIDENCE),
    )


def cost_rule(data: Mapping[str, Any], loads: int = 0) -> CostRule:
    """A section `[memory]`, `[size]`, `[parameters]` or `[cold_start]` of a policy."""
    most = next((data[key] for key in ("max_mb", "max_ms", "max_millions") if key in data), None)
    return CostRule(data.get("max_ratio"), most, data.get("loads", loads))
