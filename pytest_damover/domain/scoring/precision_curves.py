"""Interpolated average precision of many classes, thresholds and draws at once; `metrics` has the formula.

A curve is one class at one threshold. Work goes in runs: as many curves and draws as stay near the processor, many of
the one or many of the other. Within a run a draw is a row, for sums and maxima run fastest along rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.greedy import places
from pytest_damover.domain.scoring.ranking import Ranking

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Weights = NDArray[np.int32] | NDArray[np.float64]

RECALLS = 101
CELLS_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True, eq=False)
class _Strays:
    """`rank` (S,) of the strays of any draw; `seen` (draws, S + 1) false alarms that the first 0, 1, … of them are."""

    rank: Ints
    seen: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """The class of a curve in its run, and where its hits stand among the detections of the run."""

    of_class: int
    hits: Ints


def summed_average_precisions(rankings: Sequence[Ranking], weights: Weights, truths: Floats, strays: bool) -> Floats:
    """For each class the sum of its APs over the thresholds of its ranking: (classes, draws), 0 without ground truth.

    `weights`: (images, draws); `truths`: (classes, draws), the weight of the ground truth of each class; `strays`:
    whether the detections of the classes without any are false alarms, shared equally by the others.
    """
    drawn = np.ascontiguousarray(weights.T)
    known = truths > 0
    lost = [at for at in np.flatnonzero(~known.all(axis=1)).tolist() if strays and len(rankings[at].rank)]
    total = np.zeros(truths.shape)
    for some in _columns(sum(len(rankings[at].rank) for at in lost), len(drawn)):
        astray = _strays([rankings[at] for at in lost], ~known[lost, some], known[:, some], drawn[some])
        total[:, some] = _of_classes(rankings, drawn[some], truths[:, some], astray)
    return np.where(known, total, 0.0)


def _of_classes(rankings: Sequence[Ranking], drawn: Weights, truths: Floats, strays: _Strays | None) -> Floats:
    total = np.zeros(truths.shape)
    known = [at for at in np.flatnonzero((truths > 0).any(axis=1)).tolist() if any(map(len, rankings[at].hits))]
    for run in _runs(known, [len(rankings[at].image) for at in known], len(drawn)):
        mine = [rankings[at] for at in run]
        for some in _columns(sum(len(ranking.image) for ranking in mine), len(drawn)):
            astray = None if strays is None else _Strays(strays.rank, strays.seen[some])
            total[run, some] = _of_run(mine, drawn[some], truths[run, some], astray)
    return total


def _columns(rows: int, draws: int) -> Iterator[slice]:
    """Runs of draws such that `rows` of them are about `CELLS_AT_ONCE`."""
    at_once = max(1, CELLS_AT_ONCE // max(rows, 1))
    return (slice(start, start + at_once) for start in range(0, draws, at_once))


def _runs(things: Sequence[int], rows: Sequence[int], draws: int) -> Iterator[list[int]]:
    """The things in order, as many together as have about `CELLS_AT_ONCE` rows times draws, or one."""
    run: list[int] = []
    cells = 0
    for thing, count in zip(things, rows, strict=True):
        if run and cells + count * draws > CELLS_AT_ONCE:
            yield run
            run, cells = [], 0
        run.append(thing)
        cells += count * draws
    if run:
        yield run


def _strays(lost: Sequence[Ranking], is_lost: Bools, known: Bools, drawn: Weights) -> _Strays | None:
    if not lost:
        return None
    rank = np.concatenate([ranking.rank for ranking in lost])
    seen = np.concatenate(
        [drawn[:, ranking.image] * where[:, None] for ranking, where in zip(lost, is_lost, strict=True)], axis=1
    )
    by_rank = np.argsort(rank)
    share = np.maximum(np.count_nonzero(known, axis=0), 1)
    none = np.zeros((len(drawn), 1))
    sums = np.cumsum(seen[:, by_rank], axis=1) / share[:, None]
    return _Strays(rank[by_rank], np.concatenate([none, sums], axis=1))


def _of_run(rankings: Sequence[Ranking], drawn: Weights, truths: Floats, strays: _Strays | None) -> Floats:
    image = np.concatenate([ranking.image for ranking in rankings])
    rank = np.concatenate([ranking.rank for ranking in rankings])
    cuts = np.cumsum([0, *(len(ranking.image) for ranking in rankings)]).tolist()
    seen = _running(np.take(drawn, image, axis=1), cuts)
    curves = [_Curve(at, hits + cuts[at]) for at, ranking in enumerate(rankings) for hits in ranking.hits if len(hits)]
    total = np.zeros(truths.shape)
    for batch in _runs(range(len(curves)), [len(curve.hits) for curve in curves], len(drawn)):
        hits = np.concatenate([curves[at].hits for at in batch])
        of_class = [curves[at].of_class for at in batch]
        ends = np.cumsum([0, *(len(curves[at].hits) for at in batch)]).tolist()
        passed = np.add(np.take(seen, hits, axis=1), np.spacing(1), dtype=np.float64)
        if strays is not None:
            passed += np.take(strays.seen, np.searchsorted(strays.rank, rank[hits]), axis=1)
        found = _running(np.take(drawn, image[hits], axis=1), ends)
        np.add.at(total, of_class, _interpolated(found, passed, _positive(truths)[of_class], ends))
    return total


def _interpolated(found: Weights, passed: Floats, truths: Floats, cuts: Sequence[int]) -> Floats:
    """The AP of each curve: (curves, draws); a curve has the columns between two of `cuts`.

    `found`, `passed`: (draws, hits) what was found and what was passed up to each hit, that one included; `truths`:
    (curves, draws) what there was to find. `passed` is overwritten.
    """
    # precision only rises at a hit, so the best precision at any recall >= r is that of a hit
    precision = np.divide(found, passed, out=passed)
    recall = np.empty_like(precision)
    for amount, start, end in zip(truths, cuts[:-1], cuts[1:], strict=True):
        np.divide(found[:, start:end], amount[:, None], out=recall[:, start:end])
    reached = _recalls_reached(recall)
    newly_reached = np.empty_like(reached)
    np.subtract(reached[:, 1:], reached[:, :-1], out=newly_reached[:, 1:])
    newly_reached[:, cuts[:-1]] = reached[:, cuts[:-1]]
    return _areas(precision, newly_reached, cuts) / RECALLS


def _areas(precision: Floats, newly_reached: Floats, cuts: Sequence[int]) -> Floats:
    """For each curve the best precision from a recall on, added up over the recalls: (curves, draws).

    Of a long curve only the hits that reach a recall are looked at one by one. The first of a curve always does, for it
    reaches recall 0; so what lies between two such hits is of one curve.
    """
    draws, hits = precision.shape
    curves = len(cuts) - 1
    if draws == 1 or hits < 2 * RECALLS * curves:
        return np.array([_area(precision[:, start:end], newly_reached[:, start:end]) for start, end in pairwise(cuts)])
    step = np.flatnonzero(newly_reached > 0)
    draw = step // hits
    curve = draw * curves + np.repeat(np.arange(curves), np.diff(cuts))[step - draw * hits]
    place = places(curve)
    best, newly = np.zeros((2, int(place.max()) + 1, draws * curves))
    newly[place, curve] = newly_reached.ravel()[step]
    best[place, curve] = np.maximum.reduceat(precision.ravel(), step)
    for later in range(len(best) - 1, 0, -1):
        np.maximum(best[later - 1], best[later], out=best[later - 1])
    areas: Floats = np.einsum("ij,ij->j", newly, best).reshape(draws, curves).T
    return areas


def _area(precision: Floats, newly_reached: Floats) -> Floats:
    """`_areas` of one curve, hit by hit: (draws,). Of several draws the sums agree to the last bit."""
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    area: Floats = np.einsum("ij,ij->j", np.ascontiguousarray(newly_reached.T), np.ascontiguousarray(best.T))
    return area


def _recalls_reached(recall: Floats) -> Floats:
    """How many of the recalls 0, 0.01, …, 1, spelled `k * 0.01` as in `np.linspace`, are <= `recall`."""
    last = recall * (RECALLS - 1)
    last += 1e-9  # far more than a rounding error, so it is the last one reached or the next
    np.floor(last, out=last)
    last += last * 0.01 <= recall
    return last


def _running(rows: NDArray[Any], cuts: Sequence[int]) -> NDArray[Any]:
    """Running sums along the rows, begun anew at each of `cuts`, in place."""
    for start, end in pairwise(cuts):
        np.cumsum(rows[:, start:end], axis=1, dtype=rows.dtype, out=rows[:, start:end])
    return rows


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, 1.0)
