"""What each revision takes beside its time: memory, loading, bytes, parameters, as bars with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import LATENCY, Run
from pytest_damover.report.drawing import Scale
from pytest_damover.report.numbers import ABSENT, count, file_size, megabytes, milliseconds
from pytest_damover.report.words import Words

WIDTH = 150
MOST_DOTS = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """What is told of one revision (None: not measured), and every single measurement of it where there are several."""

    value: float | None
    measured: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    of: Callable[[Run, Revision], Taken]
    told: Callable[[float], str]


def footprint(run: Run, revisions: Sequence[Revision], words: Words) -> dict[str, Any]:
    """A row for each of `revisions`, with the columns that something was measured for; the size is always known."""
    columns = [
        _Column(words("footprint.memory"), _memory, lambda value: megabytes(value / 1e6)),
        _Column(words("footprint.load"), _loading, lambda value: milliseconds(value / 1e6)),
        _Column(
            words("rule.size"), lambda _, revision: Taken(revision.size_bytes), lambda value: file_size(int(value))
        ),
        _Column(words("footprint.parameters"), _parameters, count),
    ]
    taken = [[column.of(run, one) for one in revisions] for column in columns]
    shown = [place for place, values in enumerate(taken) if any(one.value is not None for one in values)]
    scales = [_scale(taken[place]) for place in shown]
    return {
        "width": WIDTH,
        "notes": [words(f"footprint.note.{name}") for name in ("memory", "load") if _is_told(name, taken)],
        "columns": [columns[place].title for place in shown],
        "rows": [
            {
                "name": one.name,
                "is_baseline": run.plan.baseline is not None and one.name == run.plan.baseline.name,
                "cells": [
                    _cell(taken[place][number], columns[place], scale)
                    for place, scale in zip(shown, scales, strict=True)
                ],
            }
            for number, one in enumerate(revisions)
        ],
    }


def _is_told(name: str, taken: Sequence[Sequence[Taken]]) -> bool:
    return any(one.value is not None for one in taken[("memory", "load").index(name)])


def _scale(values: Sequence[Taken]) -> Scale:
    every = [each for one in values for each in (one.value or 0.0, *one.measured)]
    return Scale(0.0, max(every, default=0.0) or 1.0, 2, WIDTH - 4)


def _cell(taken: Taken, column: _Column, scale: Scale) -> dict[str, Any]:
    if taken.value is None:
        return {"text": ABSENT, "bar": None, "dots": [], "n": 0}
    several = taken.measured if len(taken.measured) > 1 else ()
    return {
        "text": column.told(taken.value),
        "bar": round(scale.at(taken.value) - scale.left, 1),
        "dots": [scale.at(value) for value in several[:MOST_DOTS]],
        "n": len(several),
    }


def _memory(run: Run, revision: Revision) -> Taken:
    """Peak memory in the last heat of its last race, as the rule has it: on the GPU if it ran there, else resident."""
    last, every = None, list[float]()
    for end, side in _races(run, revision):
        assert end.race is not None
        on_gpu = end.device.startswith("cuda")
        peak = (end.race.gpu_peak_bytes if on_gpu else end.race.peak_bytes)[side]
        heats = end.race.gpu_peaks_bytes if on_gpu else end.race.peaks_bytes
        last = peak if _has_place(peak) else last
        every += [pair[side] for pair in heats if _has_place(pair[side])]
    return Taken(last, tuple(every))


def _races(run: Run, revision: Revision) -> list[tuple[Finished, int]]:
    """The races that it ran to their end in, with its side there: 0 as the baseline, 1 as the candidate."""
    is_baseline = run.plan.baseline is not None and revision.name == run.plan.baseline.name
    items = [
        item for item in run.plan.items if item.probe == LATENCY and (is_baseline or item.revision == revision.name)
    ]
    ends = [run.finished[item.key] for item in items if item.key in run.finished]
    return [
        (end, 0 if is_baseline else 1) for end in ends if end.race is not None and end.outcome is ItemOutcome.PASSED
    ]


def _loading(run: Run, revision: Revision) -> Taken:
    took = tuple(_facts(run, revision, "load_ns"))
    return Taken(median(took) if took else None, took)


def _parameters(run: Run, revision: Revision) -> Taken:
    return Taken(max(_facts(run, revision, "parameters"), default=None))


def _facts(run: Run, revision: Revision, name: str) -> list[int]:
    told = [facts.get(name) for loaded, facts in run.journal.loads if loaded == revision.name]
    return [value for value in told if type(value) is int and _has_place(value)]


def _has_place(value: int | None) -> bool:
    """False for what no machine has: a number that a float cannot hold would stop the report."""
    return value is not None and 0 < value < 2**63
