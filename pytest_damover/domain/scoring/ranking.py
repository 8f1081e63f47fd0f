"""Match tables regrouped by class: what AP needs of each, with no image weighted yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_damover.domain.scoring.matching import MatchTable
from pytest_damover.domain.scoring.ordering import order_of_whole

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The detections of one class that count, by rank, and which of them are hits at each IoU threshold.

    `rank`, `image`: (D,) place among the detections of all classes, and image; `hits`: for each threshold the places in
    these two (H,) that took a ground truth.
    """

    rank: Ints
    image: Ints
    hits: tuple[Ints, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RankedClass:
    """One class: `truth_image` (G,) is the image of each ground truth that counts, empty where there is none.

    `rankings` cover the thresholds in order, those in one at which the same detections count; every class has the same
    number of them.
    """

    label: str
    truth_image: Ints
    rankings: tuple[Ranking, ...]

    @property
    def rows(self) -> int:
        """Rows of the largest array that a weighting needs."""
        return max(len(ranking.image) for ranking in self.rankings)


def ranked_classes(*tables: MatchTable) -> tuple[RankedClass, ...]:
    """Every class of the tables, also one without ground truth; `tables` are one matching at several thresholds."""
    table = tables[0]
    classes = np.arange(len(table.labels) + 1)
    counts = np.flatnonzero(~table.truth_ignored)
    truths = counts[order_of_whole(table.truth_label[counts])]
    cuts = np.searchsorted(table.truth_label[truths], classes).tolist()
    rankings = [_rankings(alike, classes) for alike in _alike(tables)]
    return tuple(
        RankedClass(label, table.truth_image[truths[cuts[index] : cuts[index + 1]]], of_class)
        for index, (label, of_class) in enumerate(zip(table.labels, zip(*rankings, strict=True), strict=True))
    )


def _alike(tables: Sequence[MatchTable]) -> list[list[MatchTable]]:
    """The tables in order, those together in which the same detections are ignored."""
    groups = [[tables[0]]]
    for table in tables[1:]:
        if np.array_equal(table.ignored, groups[-1][0].ignored):
            groups[-1].append(table)
        else:
            groups.append([table])
    return groups


def _rankings(tables: Sequence[MatchTable], classes: Ints) -> list[Ranking]:
    table = tables[0]
    counts = np.flatnonzero(~table.ignored)
    rank = counts[order_of_whole(table.label[counts])]
    image, cuts = table.image[rank], np.searchsorted(table.label[rank], classes)
    hits = [np.flatnonzero(one.hit[rank]) for one in tables]
    hit_cuts = [np.searchsorted(places, cuts).tolist() for places in hits]
    return [
        Ranking(
            rank[start:stop],
            image[start:stop],
            tuple(places[ends[index] : ends[index + 1]] - start for places, ends in zip(hits, hit_cuts, strict=True)),
        )
        for index, (start, stop) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
    ]
