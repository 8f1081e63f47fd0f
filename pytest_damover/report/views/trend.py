"""More than two revisions: what changes from one to the next, as small plots with one column a revision and as a table.

The order is that of the versions where all names are versions, else the one that was asked for. A candidate's bar is
the interval of its difference from the baseline, laid around its own value: where it crosses the baseline's line, the
two cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_damover.domain.comparing.comparison import Comparison, SliceComparison
from pytest_damover.domain.comparing.flips import Fate
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.rules.cases import regressions_and_fixes
from pytest_damover.domain.semver import parse_version
from pytest_damover.domain.verdict import Finding
from pytest_damover.report.numbers import count, file_size, fixed, ratio, signed
from pytest_damover.report.views.findings import METRICS
from pytest_damover.report.views.trend_plots import Point, bars, diverging, points
from pytest_damover.report.words import Words


@dataclass(frozen=True, slots=True)
class Step:
    """One revision of a trend; `answer` is empty for the baseline, `comparison` None where nothing could be compared.

    `address` is the id of its part of the page, '' where it has none.
    """

    revision: Revision
    answer: str = ""
    comparison: Comparison | None = None
    findings: tuple[Finding, ...] = ()
    address: str = ""


def trend(steps: Sequence[Step], suites: Sequence[str], words: Words) -> dict[str, Any] | None:
    """One entry for each of `suites`; None for fewer than three revisions."""
    if len(steps) < 3:
        return None
    by_version, ordered = in_order(steps)
    names = [step.revision.name for step in ordered]
    return {
        "order": words("trend.order.version" if by_version else "trend.order.given"),
        "answers": [answer for answer in ("PASS", "FAIL", "INCONCLUSIVE", "ERROR") if answer in _answers(ordered)],
        "with_baseline": "" in _answers(ordered),
        "suites": [_suite(name, ordered, names, words) for name in suites],
    }


def in_order(steps: Sequence[Step]) -> tuple[bool, list[Step]]:
    """(whether all are versions, the steps by version, or else as they were asked for)."""
    versions = [parse_version(step.revision.tag or step.revision.name) for step in steps]
    known = [version for version in versions if version is not None]
    if len(known) < len(steps):
        return False, [*steps]
    return True, [step for _, step in sorted(zip(known, steps, strict=True), key=lambda pair: pair[0])]


def _answers(steps: Iterable[Step]) -> set[str]:
    return {step.answer for step in steps}


def _suite(suite: str, steps: Sequence[Step], names: Sequence[str], words: Words) -> dict[str, Any]:
    aps = {metric: [_ap(step, steps, suite, metric) for step in steps] for metric in METRICS}
    measured = [metric for metric in METRICS if any(point.value is not None for point in aps[metric])]
    races = [_race(step, suite) for step in steps]
    objects, cases = ([of(step, suite) for step in steps] for of in (_objects, _cases))
    panels = [points(METRICS[metric], aps[metric], names, fixed, _limit(steps, suite, metric)) for metric in measured]
    panels += [
        diverging(words("trend.objects"), objects, names),
        diverging(words("trend.cases"), cases, names),
        points(words("column.latency"), races, names, ratio, _limit(steps, suite, "latency")),
        bars(words("rule.size"), [step.revision.size_bytes for step in steps], names, _bytes),
    ]
    return {
        "suite": suite,
        "panels": [panel for panel in panels if panel is not None],
        "metrics": [METRICS[metric] for metric in measured],
        "rows": [
            {
                "name": step.revision.name,
                "address": step.address,
                "answer": step.answer,
                "aps": [_told_ap(step, suite, metric, aps[metric][place]) for metric in measured],
                "objects": _told_pair(objects[place]),
                "cases": _told_pair(cases[place]),
                "latency": ratio(races[place].value),
                "latency_interval": _ends(step, suite),
                "size": file_size(step.revision.size_bytes),
            }
            for place, step in enumerate(steps)
        ],
    }


def _ap(step: Step, steps: Sequence[Step], suite: str, metric: str) -> Point:
    """The candidate's own value, with the interval of the difference around it; the baseline's as first compared."""
    if not step.answer:
        found = (_whole(one, suite, metric) for one in steps)
        return Point("", next((entry.baseline for entry in found if entry is not None), None))
    entry = _whole(step, suite, metric)
    if entry is None:
        return Point(step.answer, None)
    if entry.interval is None or entry.baseline is None:
        low, high = entry.candidate_interval or (None, None)
        return Point(step.answer, entry.candidate, low, high)
    low, high = (entry.baseline + end for end in entry.interval)
    return Point(step.answer, entry.candidate, low, high)


def _whole(step: Step, suite: str, metric: str) -> SliceComparison | None:
    slices = () if step.comparison is None else step.comparison.slices
    wanted = (suite, None, metric)
    return next((one for one in slices if (one.suite, one.slice, one.metric) == wanted), None)


def _race(step: Step, suite: str) -> Point:
    if not step.answer:
        return Point("", 1.0)
    races = () if step.comparison is None else step.comparison.latencies
    race = next((one for one in races if one.suite == suite), None)
    if race is None:
        return Point(step.answer, None)
    low, high = race.interval or (None, None)
    return Point(step.answer, race.ratio, low, high)


def _objects(step: Step, suite: str) -> tuple[int, int] | None:
    """(lost, fixed); None where no object was compared."""
    flips = () if step.comparison is None else step.comparison.flips
    fates = [flip.fate for one in flips if one.suite == suite for flip in one.objects]
    return (fates.count(Fate.BROKEN), fates.count(Fate.FIXED)) if fates else None


def _cases(step: Step, suite: str) -> tuple[int, int] | None:
    """(regressed, fixed) of cases and tests; None where none was compared."""
    comparison = step.comparison
    if comparison is None or comparison.baseline is None:
        return None
    cases = [case for case in comparison.cases if case.suite == suite]
    return regressions_and_fixes(cases) if cases else None


def _limit(steps: Iterable[Step], suite: str, rule: str) -> float | None:
    """Where the policy's limit lies on the plot of `rule`, the same for all candidates; None without one."""
    for finding in (finding for step in steps for finding in step.findings):
        if (finding.suite, finding.rule, finding.slice) == (suite, rule, None) and finding.limit is not None:
            if rule == "latency":
                return finding.limit
            return None if finding.baseline is None else finding.baseline + finding.limit
    return None


def _told_ap(step: Step, suite: str, metric: str, point: Point) -> tuple[str, str]:
    entry = _whole(step, suite, metric) if step.answer else None
    if entry is None or entry.difference is None:
        return fixed(point.value), ""
    ends = "" if entry.interval is None else f" ({' … '.join(signed(end) for end in entry.interval)})"
    return fixed(point.value), f"{signed(entry.difference)}{ends}"


def _bytes(value: float) -> str:
    return file_size(int(value))


def _told_pair(pair: tuple[int, int] | None) -> tuple[str, str] | None:
    return None if pair is None else (count(pair[0]), count(pair[1]))


def _ends(step: Step, suite: str) -> str:
    point = _race(step, suite)
    return "" if point.low is None else f"{ratio(point.low)} … {ratio(point.high)}"
