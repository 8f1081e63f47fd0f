"""Interpolated average precision of many classes, thresholds and draws at once; `metrics` has the formula.

A curve is one class at one threshold. Work goes in runs: as many curves and draws as stay near the processor, many of
the one or many of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.ranking import Ranking

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Weights = NDArray[np.float32] | NDArray[np.float64]

RECALLS = 101
CELLS_AT_ONCE = 250_000


@dataclass(frozen=True, slots=True, eq=False)
class _Strays:
    """`rank` (S,) of the strays of any draw; `seen` (S + 1, draws) false alarms that the first 0, 1, … of them are."""

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
    draws = weights.shape[1]
    known = truths > 0
    lost = [at for at in np.flatnonzero(~known.all(axis=1)).tolist() if strays and len(rankings[at].rank)]
    total = np.zeros(truths.shape)
    for some in _columns(sum(len(rankings[at].rank) for at in lost), draws):
        astray = _strays([rankings[at] for at in lost], ~known[lost, some], known[:, some], weights[:, some])
        total[:, some] = _of_classes(rankings, weights[:, some], truths[:, some], astray)
    return np.where(known, total, 0.0)


def _of_classes(rankings: Sequence[Ranking], weights: Weights, truths: Floats, strays: _Strays | None) -> Floats:
    total = np.zeros(truths.shape)
    known = [at for at in np.flatnonzero((truths > 0).any(axis=1)).tolist() if any(map(len, rankings[at].hits))]
    for run in _runs(known, [len(rankings[at].image) for at in known], weights.shape[1]):
        mine = [rankings[at] for at in run]
        for some in _columns(sum(len(ranking.image) for ranking in mine), weights.shape[1]):
            astray = None if strays is None else _Strays(strays.rank, strays.seen[:, some])
            total[run, some] = _of_run(mine, weights[:, some], truths[run, some], astray)
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


def _strays(lost: Sequence[Ranking], is_lost: Bools, known: Bools, weights: Weights) -> _Strays | None:
    if not lost:
        return None
    rank = np.concatenate([ranking.rank for ranking in lost])
    seen = np.concatenate([weights[ranking.image] * where for ranking, where in zip(lost, is_lost, strict=True)])
    by_rank = np.argsort(rank)
    share = np.maximum(np.count_nonzero(known, axis=0), 1)
    none = np.zeros((1, weights.shape[1]))
    return _Strays(rank[by_rank], np.concatenate([none, np.cumsum(seen[by_rank], axis=0) / share]))


def _of_run(rankings: Sequence[Ranking], weights: Weights, truths: Floats, strays: _Strays | None) -> Floats:
    image = np.concatenate([ranking.image for ranking in rankings])
    rank = np.concatenate([ranking.rank for ranking in rankings])
    cuts = np.cumsum([0, *(len(ranking.image) for ranking in rankings)]).tolist()
    seen = _running(weights[image], cuts)
    curves = [_Curve(at, hits + cuts[at]) for at, ranking in enumerate(rankings) for hits in ranking.hits if len(hits)]
    total = np.zeros(truths.shape)
    for batch in _runs(range(len(curves)), [len(curve.hits) for curve in curves], weights.shape[1]):
        hits = np.concatenate([curves[at].hits for at in batch])
        of_class = [curves[at].of_class for at in batch]
        lengths = [len(curves[at].hits) for at in batch]
        passed = np.add(seen[hits], np.spacing(1), dtype=np.float64)
        if strays is not None:
            passed += strays.seen[np.searchsorted(strays.rank, rank[hits])]
        ends = np.cumsum([0, *lengths]).tolist()
        found = _running(weights[image[hits]], ends)
        recall = np.divide(found, np.repeat(_positive(truths)[of_class], lengths, axis=0), dtype=np.float64)
        np.add.at(total, of_class, _interpolated(found, passed, recall, ends))
    return total


def _interpolated(found: Weights, passed: Floats, recall: Floats, cuts: Sequence[int]) -> Floats:
    """The AP of each curve: (curves, draws); a curve has the rows between two of `cuts`.

    `found`, `passed`: (hits, draws) what was found and what was passed up to each hit, that one included. `passed` is
    overwritten.
    """
    # precision only rises at a hit, so the best precision at any recall >= r is that of a hit
    best_from_here = np.divide(found, passed, out=passed)
    reached = _recalls_reached(recall)
    newly_reached = np.empty_like(reached)
    np.subtract(reached[1:], reached[:-1], out=newly_reached[1:])
    average = np.empty((len(cuts) - 1, found.shape[1]))
    for curve, (start, end) in enumerate(pairwise(cuts)):
        newly_reached[start] = reached[start]
        backwards = best_from_here[start:end][::-1]
        np.maximum.accumulate(backwards, axis=0, out=backwards)
        average[curve] = np.einsum("ij,ij->j", newly_reached[start:end], best_from_here[start:end])
    return average / RECALLS


def _recalls_reached(recall: Floats) -> Floats:
    """How many of the recalls 0, 0.01, …, 1, spelled `k * 0.01` as in `np.linspace`, are <= `recall`."""
    last = recall * (RECALLS - 1)
    last += 1e-9  # far more than a rounding error, so it is the last one reached or the next
    np.floor(last, out=last)
    last += last * 0.01 <= recall
    return last


def _running(rows: NDArray[Any], cuts: Sequence[int]) -> NDArray[Any]:
    """Running sums down the rows, begun anew at each of `cuts`, in place."""
    for start, end in pairwise(cuts):
        np.cumsum(rows[start:end], axis=0, out=rows[start:end])
    return rows


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, 1.0)
