"""What `damover calibrate` prints: rates with their binomial intervals, and in words what to change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from pytest_damover.cli.calibrate_words import words_in
from pytest_damover.cli.output import say, say_json, width
from pytest_damover.cli.table import Column, lines
from pytest_damover.domain.rehearsing.error_rates import LOSSES, Planted, RuleKey, RuleRates
from pytest_damover.domain.rehearsing.mutation_trials import MutationScore
from pytest_damover.domain.scoring.significance import wilson_interval
from pytest_damover.domain.verdict import Answer
from pytest_damover.report.numbers import count, fixed
from pytest_damover.report.words import Words

WANTED_POWER = 0.8
MOST_FALSE_BLOCKS = 0.05


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything that the command found; `whole` counts the answers of all rules together."""

    baseline: str
    candidate: str
    images: int
    trials: int
    seed: int
    rates: Sequence[RuleRates]
    whole: Mapping[Answer, int]
    planted: Sequence[Planted]
    mutations: Sequence[MutationScore]


def show(found: Calibration, lang: str, as_json: bool, mutated: str) -> None:
    """Print the tables and what to change, or everything for programs."""
    if as_json:
        say_json(_as_data(found))
        return
    words = words_in(lang)
    head = {"baseline": found.baseline, "candidate": found.candidate, "trials": found.trials, "seed": found.seed}
    say(words("head", images=count(found.images), **head))
    _print(words("null"), _null_columns(found, words))
    if found.planted:
        _print(words("power"), _power_columns(found.planted, words))
    say()
    for line in list(advice(found, words)) or [words("fine")]:
        say(line)
    if found.mutations:
        told = words("mutations", revision=mutated, trials=found.mutations[0].trials)
        _print(told, _mutation_columns(found.mutations, words))


def advice(found: Calibration, words: Words) -> Iterator[str]:
    """What to change, rule by rule."""
    for one in found.rates:
        blocked, decided = one.answers.get(Answer.FAIL, 0), one.trials - one.answers.get(Answer.INCONCLUSIVE, 0)
        fields: dict[str, Any] = {"rule": _name(one.key), "images": count(round(one.n))}
        if one.limit is not None and one.truth is not None and not one.truth > one.limit:
            yield words("floor", truth=fixed(one.truth), limit=fixed(one.limit), **fields)
        elif one.truth is None and one.values and blocked > MOST_FALSE_BLOCKS * one.trials:
            most = sorted(one.values)[math.ceil(0.95 * len(one.values)) - 1]
            share = _percent(blocked, one.trials)
            yield words("count", share=share, limit=count(one.limit), most=count(most), **fields)
        elif decided < WANTED_POWER * one.trials and (needed := images_needed(one)) is not None:
            yield words("more", share=_percent(decided, one.trials), needed=count(needed), **fields)
        if one.confidence and one.intervals and wilson_interval(one.covered, one.intervals)[1] < one.confidence:
            nominal = f"{100 * one.confidence:g} %"
            yield words("narrow", nominal=nominal, share=_percent(one.covered, one.intervals), **fields)


def images_needed(one: RuleRates) -> int | None:
    """How many images would let the rule decide in 80 % of the trials of an equally good candidate, to two digits.

    It is PASS when value - reach clears the limit: with 80 % when margin = reach + z(0.8) * spread, and both shrink
    with the square root of the number. By hand: spread 0.0179, reach 1.96 * 0.0179 = 0.0351 at 212 images, margin 0.05:
    212 * ((0.0351 + 0.842 * 0.0179) / 0.05)² = 213, so 220. None for a rule without margin, interval or spread, and
    where it comes out below the number that does not decide, for then there were too few trials to tell.
    """
    if one.limit is None or one.truth is None or one.reach is None or one.spread is None:
        return None
    margin = one.truth - one.limit
    if not margin > 0:
        return None
    exact = one.n * ((one.reach + NormalDist().inv_cdf(WANTED_POWER) * one.spread) / margin) ** 2
    if not exact > one.n:
        return None
    step: int = 10 ** max(0, math.floor(math.log10(max(exact, 1))) - 1)
    return math.ceil(exact / step) * step


def _null_columns(found: Calibration, words: Words) -> list[Column]:
    rates = found.rates
    trials = sum(found.whole.values())

    def share(answer: Answer) -> tuple[str, ...]:
        cells = [_rate(one.answers.get(answer, 0), one.trials) for one in rates]
        return (*cells, _rate(found.whole.get(answer, 0), trials))

    return [
        Column(words("rule"), (*(_name(one.key) for one in rates), words("whole"))),
        Column(words("images"), (*(count(round(one.n)) for one in rates), ""), right=True, rank=1),
        Column(words("limit"), (*(fixed_or_count(one.limit) for one in rates), ""), right=True, rank=2),
        Column(words("blocked"), share(Answer.FAIL)),
        Column(words("undecided"), share(Answer.INCONCLUSIVE)),
        Column(words("coverage"), (*(_rate(one.covered, one.intervals) for one in rates), "")),
    ]


def _power_columns(planted: Sequence[Planted], words: Words) -> list[Column]:
    by_rule: dict[RuleKey, dict[float, Planted]] = {}
    for one in planted:
        by_rule.setdefault(one.rates.key, {})[one.margins] = one
    columns = [Column(words("rule"), tuple(_name(key) for key in by_rule))]
    for margins in LOSSES:
        rows = [row.get(margins) for row in by_rule.values()]
        for title, answer in (("stopped", Answer.FAIL), ("passed", Answer.PASS)):
            cells = [
                "" if one is None else _rate(one.rates.answers.get(answer, 0), one.rates.trials, brief=True)
                for one in rows
            ]
            columns.append(Column(words(title, margins=f"{margins:g}"), tuple(cells)))
    return columns


def _mutation_columns(scores: Sequence[MutationScore], words: Words) -> list[Column]:
    harms = [words("harmless") if s.mutation.harm is None else s.mutation.harm.value for s in scores]
    by = [", ".join(sorted(s.stopped_by)) if s.applies else words("unapplied") for s in scores]
    return [
        Column(words("mutation"), tuple(s.mutation.name for s in scores)),
        Column(words("harm"), tuple(harms)),
        Column("FAIL", tuple(str(s.caught) for s in scores), right=True),
        Column("INCONCLUSIVE", tuple(str(s.inconclusive) for s in scores), right=True),
        Column("PASS", tuple(str(s.missed) for s in scores), right=True),
        Column(words("by"), tuple(by), running_text=True),
    ]


def _print(title: str, columns: Sequence[Column]) -> None:
    say()
    say(title)
    for line in lines(columns, width())[0]:
        say(line)


def _name(key: RuleKey) -> str:
    return f"{key.suite}: {key.rule}" + (f"[{key.slice}]" if key.slice else "")


def _rate(part: int, whole: int, brief: bool = False) -> str:
    if not whole:
        return ""
    low, high = wilson_interval(part, whole)
    return _percent(part, whole) if brief else f"{_percent(part, whole)} [{100 * low:.1f}, {100 * high:.1f}]"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def fixed_or_count(limit: float | None) -> str:
    """A number of cases as it is, a fraction with three digits."""
    return count(limit) if limit is None or abs(limit) >= 1 or limit == 0 else fixed(limit)


def _as_data(found: Calibration) -> dict[str, Any]:
    return {
        "baseline": found.baseline,
        "candidate": found.candidate,
        "images": found.images,
        "trials": found.trials,
        "seed": found.seed,
        "answers": {answer.value: number for answer, number in found.whole.items()},
        "rules": [{**_rates_as_data(one), "images_needed": images_needed(one)} for one in found.rates],
        "power": [
            {"margins": one.margins, "share": one.share, "loss": one.loss, **_rates_as_data(one.rates)}
            for one in found.planted
        ],
        "mutations": [
            {
                "name": score.mutation.name,
                "harm": score.mutation.harm and score.mutation.harm.value,
                "applies": score.applies,
                "answers": {answer.value: number for answer, number in score.answers.items()},
                "stopped_by": dict(score.stopped_by),
            }
            for score in found.mutations
        ],
    }


def _rates_as_data(one: RuleRates) -> dict[str, Any]:
    return {
        "suite": one.key.suite,
        "rule": one.key.rule,
        "slice": one.key.slice or None,
        "n": one.n,
        "limit": one.limit,
        "truth": one.truth,
        "answers": {answer.value: number for answer, number in one.answers.items()},
        "covered": one.covered,
        "intervals": one.intervals,
        "spread": one.spread,
    }
