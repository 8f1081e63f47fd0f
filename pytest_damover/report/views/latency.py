"""Latency: the paired ratio with its interval against the limit, and every measured time of both sides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import LatencyComparison
from pytest_damover.domain.timing.phases import PhaseTimes
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.verdict import Finding
from pytest_damover.report.drawing import Scale, scale_over, strip, thinned
from pytest_damover.report.numbers import fixed, milliseconds, ratio
from pytest_damover.report.words import Words

STRIP_WIDTH = 640
STRIP_LEFT = 84
BAND_HEIGHT = 30
MOST_DOTS = 400


def latency_views(
    races: Sequence[LatencyComparison], findings: Sequence[Finding], words: Words
) -> list[dict[str, Any]]:
    """One entry a suite that was raced."""
    judged = {finding.suite: finding for finding in findings if finding.rule == "latency"}
    return [_race(race, judged.get(race.suite), words) for race in races]


def _race(race: LatencyComparison, finding: Finding | None, words: Words) -> dict[str, Any]:
    limit = finding.limit if finding else None
    medians_ms = (race.baseline_ms, race.candidate_ms)
    is_drawn = bool(race.pairs_ns) and all(math.isfinite(value) for value in (race.ratio, *medians_ms))
    times_ms = [[pair[side] / 1e6 for pair in race.pairs_ns] for side in (0, 1)]
    ratios = [second / first for first, second in race.pairs_ns if first > 0]
    return {
        "suite": race.suite,
        "answer": finding.verdict.value if finding else "",
        "pairs": len(race.pairs_ns),
        "baseline": milliseconds(race.baseline_ms),
        "candidate": milliseconds(race.candidate_ms),
        "ratio": ratio(race.ratio),
        "interval": " … ".join(ratio(end) for end in race.interval or (None,)),
        "limit": "" if limit is None else f"≤ {ratio(limit)}",
        "decode": "" if race.decode_ms is None else milliseconds(race.decode_ms),
        "ran": _ran(race.conditions, words),
        "phases": [_phase(phase, words) for phase in race.phases],
        "strip": _strips(times_ms, medians_ms, words) if is_drawn else None,
        "ratios": _ratio_plot(ratios, race, limit) if is_drawn and ratios else None,
    }


def _ran(conditions: RaceConditions | None, words: Words) -> str:
    """What the race ran under, sentence by sentence; of what nobody could tell there is none."""
    if conditions is None:
        return ""
    cores = ", ".join(map(str, conditions.cores))
    told = [words("latency.heats" if cores else "latency.heats.anywhere", n=conditions.heats, cores=cores)]
    if conditions.load is not None:
        ends = dict.fromkeys(fixed(end, 2) for end in conditions.load)
        told.append(words("latency.load", load=" … ".join(ends)))
    if any(conditions.crowded):
        before, after = conditions.crowded
        told.append(words("latency.crowded", baseline=before, candidate=after))
    if conditions.thrown_away:
        told.append(words("latency.thrown_away", n=conditions.thrown_away))
    return ("" if words.lang == "zh" else " ").join(told)


def _phase(phase: PhaseTimes, words: Words) -> dict[str, str]:
    return {
        "name": words(f"phase.{phase.name}"),
        "baseline": milliseconds(phase.baseline_ms),
        "candidate": milliseconds(phase.candidate_ms),
        "ratio": ratio(phase.ratio),
        "interval": " … ".join(ratio(end) for end in phase.interval or (None,)),
    }


def phase_lines(race: LatencyComparison, words: Words) -> list[str]:
    """The phases of a race, a line each; none where the detectors tell none."""
    return [
        f"{words(f'phase.{one.name}')}: {milliseconds(one.baseline_ms)} → {milliseconds(one.candidate_ms)} "
        f"({ratio(one.ratio)}{_between(one)})"
        for one in race.phases
    ]


def _between(phase: PhaseTimes) -> str:
    return "" if phase.interval is None else f", {ratio(phase.interval[0])} … {ratio(phase.interval[1])}"


def _strips(times_ms: Sequence[Sequence[float]], medians_ms: Sequence[float], words: Words) -> dict[str, Any]:
    highest = 3 * max(medians_ms)
    every = [value for side in times_ms for value in side]
    inside = [value for value in every if value <= highest] or every
    scale = scale_over(inside, STRIP_LEFT, STRIP_WIDTH - 10, pad=0.05)
    bands = [
        {
            "name": name,
            "label": words(f"role.{name}"),
            "top": 6 + index * (BAND_HEIGHT + 8),
            "dots": strip(thinned(values, MOST_DOTS), scale, 9 + index * (BAND_HEIGHT + 8), BAND_HEIGHT - 6),
            "median": scale.at(medians_ms[index]),
        }
        for index, (name, values) in enumerate(zip(("baseline", "candidate"), times_ms, strict=True))
    ]
    return {**_frame(scale, 2, " ms"), "bands": bands, "beyond": sum(value > scale.high for value in every)}


def _ratio_plot(ratios: Sequence[float], race: LatencyComparison, limit: float | None) -> dict[str, Any]:
    highest = 3 * race.ratio
    interval = race.interval or (race.ratio, race.ratio)
    inside = [value for value in ratios if value <= highest] or [race.ratio]
    scale = scale_over((*inside, *interval, limit, 1.0), STRIP_LEFT, STRIP_WIDTH - 10, pad=0.05)
    return {
        **_frame(scale, 1, "×"),
        "top": 6,
        "dots": strip(thinned(ratios, MOST_DOTS), scale, 9, BAND_HEIGHT - 6),
        "one": scale.at(1.0),
        "point": scale.at(race.ratio),
        "low": scale.at(interval[0]),
        "high": scale.at(interval[1]),
        "limit": None if limit is None else scale.at(limit),
    }


def _frame(scale: Scale, bands: int, unit: str) -> dict[str, Any]:
    bottom = 6 + bands * (BAND_HEIGHT + 8)
    return {
        "width": STRIP_WIDTH,
        "left": STRIP_LEFT,
        "right": STRIP_WIDTH - 10,
        "band": BAND_HEIGHT,
        "bottom": bottom,
        "height": bottom + 18,
        "axis": [{"label": f"{value:g}{unit}", "x": x} for value, x in scale.ticks(6)],
    }
