"""When a race may be looked at, and how much of its chance of error each look may spend.

A race that is looked at again and again until it pleases errs far more often than its interval says. So the looks are
fixed by the policy before the race, and the chance of error is divided among them, little for the early ones.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from pytest_damover.domain.policy_costs import DEFAULT_CONFIDENCE, CostRule, LatencyRule
from pytest_damover.domain.timing.percentiles import floor_of
from pytest_damover.domain.timing.rank_sum import least_values

OCTET_PAIRS = 4
"""Eight calls in the order ABBA BAAB are so many pairs: two quads, one of each kind (`latency`)."""
GROWTH = 1.5
"""Each look comes at so many times the pairs of the one before."""


@dataclass(frozen=True, slots=True)
class Look:
    """The interval over the first `pairs` pairs may miss with probability `alpha`."""

    pairs: int
    alpha: float


def looks_of(rule: LatencyRule) -> tuple[Look, ...]:
    """The looks of a race under `rule`: all that there may be, whether or not the race ends at an earlier one.

    The first comes at `rule.pairs`, or at the least that an interval and the percentiles it limits take; the last at
    `rule.max_pairs`. Both are whole octets.
    """
    alpha = 1 - rule.confidence
    first = max(rule.pairs, OCTET_PAIRS * least_values(alpha), *(floor_of(share) for share, _ in rule.limits_ms))
    pairs = look_pairs(first, max(first, rule.max_pairs or 0))
    return tuple(map(Look, pairs, spend(pairs, alpha)))


def loads_of(rule: CostRule | None) -> int:
    """How often each side is loaded for a limit on the cold start: in whole octets, at least what an interval takes."""
    if rule is None:
        return 0
    return _whole(max(rule.loads, OCTET_PAIRS * least_values(1 - DEFAULT_CONFIDENCE)))


def look_pairs(first: int, last: int) -> tuple[int, ...]:
    """At how many pairs to look, from `first` to `last`. By hand: 20 and 100 give 20, 32, 48, 72, 100."""
    pairs = [_whole(first)]
    while pairs[-1] < last:
        pairs.append(min(_whole(math.ceil(pairs[-1] * GROWTH)), _whole(last)))
    return tuple(pairs)


def spend(pairs: Sequence[int], alpha: float) -> tuple[float, ...]:
    """The chance of error of each look; together they are `alpha`.

    At the share t of the last look's pairs, 4 * (1 - Phi(z(1 - alpha / 4) / sqrt(t))) is spent in all, and a look gets
    what was not spent before it: alpha / 2 on each side, as O'Brien and Fleming's boundary would spend it. Source: Lan
    and DeMets 1983, Discrete sequential boundaries for clinical trials. Theirs then reckons with how the looks depend
    on each other; here each look's interval has just its own share, so that all of them hold at once with probability
    1 - alpha at least, however they depend (Boole's inequality).

    By hand: looks at 50 and 100 of alpha 0.05: z = 2.2414, 4 * (1 - Phi(3.1698)) = 0.0031 and 0.05 - 0.0031 = 0.0469.
    """
    normal = NormalDist()
    quantile = normal.inv_cdf(1 - alpha / 4)
    spent = [4 * normal.cdf(-quantile / math.sqrt(each / pairs[-1])) for each in pairs[:-1]]
    total = [0.0, *spent, alpha]
    return tuple(after - before for before, after in itertools.pairwise(total))


def look_reached(looks: Sequence[Look], pairs: int) -> Look | None:
    """The last look that `pairs` pairs are enough for; None before the first."""
    return next((look for look in reversed(looks) if pairs >= look.pairs), None)


def _whole(pairs: int) -> int:
    return pairs + -pairs % OCTET_PAIRS
