"""How the scores of right and of wrong detections are spread, over all classes together.

"Right" means: took an object of its class at the match table's IoU; what lies on an object to ignore is neither.

Worked by hand with 2 bins: scores 0.9 right, 0.7 wrong, 0.5 right, 0.2 wrong. A bin has low < score <= high, so 0.5 is
in the lower one: right (1, 1), wrong (1, 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_damover.domain.scoring.matching import MatchTable

BINS = 20


@dataclass(frozen=True, slots=True)
class ScoreHistogram:
    """How many detections there are in each of equal bins of 0..1, the lowest first (it holds a score of 0 too)."""

    right: tuple[int, ...]
    wrong: tuple[int, ...]


def score_histogram(table: MatchTable, bins: int = BINS) -> ScoreHistogram:
    """The histogram of every detection that is counted, down to the lowest score reported."""
    counted = ~table.ignored
    place = np.clip(np.ceil(table.score[counted] * bins).astype(np.intp) - 1, 0, bins - 1)
    is_right = table.hit[counted]
    right, wrong = (np.bincount(place[chosen], minlength=bins) for chosen in (is_right, ~is_right))
    return ScoreHistogram(tuple(right.tolist()), tuple(wrong.tolist()))
