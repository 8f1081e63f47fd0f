"""What a race lost to its guards, in words, so that "too few pairs" says why."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_damover.domain.journal import Finished
from pytest_damover.domain.timing.latency import distinct_pairs
from pytest_damover.domain.timing.looks import OCTET_PAIRS

MOVED = "blocks thrown away because a clock moved"
THROTTLED = "blocks thrown away because heat or power throttled the machine"
COPIES = "pairs that were copies of earlier ones"


def losses(races: Sequence[Finished]) -> str:
    """Each kind of loss that there was with how many, '' where nothing was lost.

    By hand: 5 blocks thrown away, 2 of them throttled, and 3 pairs that stand in the journal twice give
    "; blocks thrown away because a clock moved: 3; blocks … throttled the machine: 2; pairs … earlier ones: 3".
    """
    told = [end.race for end in races if end.race is not None]
    throttled = sum(race.throttled for race in told)
    counts = {
        MOVED: sum(race.thrown_away for race in told) - throttled,
        THROTTLED: throttled,
        COPIES: sum(race.copies for race in told) + sum(map(_copies, races)),
    }
    return "".join(f"; {what}: {count}" for what, count in counts.items() if count > 0)


def _copies(end: Finished) -> int:
    """Pairs of the journal that do not count because they were there before."""
    try:
        return len(end.pairs_ns) // OCTET_PAIRS * OCTET_PAIRS - len(distinct_pairs(end.pairs_ns))
    except ValueError:
        return 0
