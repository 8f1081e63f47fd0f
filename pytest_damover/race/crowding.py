"""Calls for which a side stood in the queue for its core: they show who else was running, not how fast the model is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SHARE = 0.03
"""A side that waited for more than that share of what its calls in a quad took was crowded."""


@dataclass(slots=True)
class Crowding:
    """Quads that were thrown away for it: how many, and in how many of them baseline and candidate were crowded."""

    quads: int = 0
    sides: list[int] = field(default_factory=lambda: [0, 0])

    def throws_away(self, waited_ns: Sequence[int], took_ns: Sequence[int], most: int) -> bool:
        """Is a quad, in which both sides waited and took so long, thrown away? Not when `most` were already.

        A neighbour hits whoever is there. What hits one side alone is no neighbour but a side in its own way, and that
        is how fast it is: so nothing more is thrown away once the counts differ by more than three standard deviations
        of heads and tails.

        By hand: 9 to 0 differ by 9 = 3 * sqrt(9), so that the 10th is thrown away, and no 11th: 10 > 3 * sqrt(10).
        """
        crowded = [waited > SHARE * took for waited, took in zip(waited_ns, took_ns, strict=True)]
        before, after = self.sides
        is_even = (before - after) ** 2 <= 9 * (before + after)
        if not any(crowded) or self.quads >= most or not is_even:
            return False
        self.quads += 1
        self.sides = [count + one for count, one in zip(self.sides, crowded, strict=True)]
        return True


def waited_ns(pid: int | None = None) -> int:
    """How long the main thread of a process, by default this one, was ready to run and another one had the core.

    Since it began, as Linux says in `/proc/<pid>/schedstat`; 0 where nobody says.
    """
    try:
        return int(Path(f"/proc/{os.getpid() if pid is None else pid}/schedstat").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
