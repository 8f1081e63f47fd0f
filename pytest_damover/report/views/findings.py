"""Findings as rows: the sentence in the reader's language, numbers in their unit, the interval against the limit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from pytest_damover.domain.rules.intervals import needed_to_decide
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.waivers import RULE as WAIVER
from pytest_damover.domain.verdict import Action, Answer, Finding
from pytest_damover.report.drawing import scale_over
from pytest_damover.report.numbers import (
    ABSENT,
    count,
    fixed,
    megabytes,
    millions,
    milliseconds,
    per_second,
    ratio,
    signed,
)
from pytest_damover.report.words import Words

PLOT_WIDTH = 200
METRICS = {"ap50": "AP50", "ap": "AP50:95"}
COSTS = ("memory", "size", "parameters", "cold_start")
THROUGHPUT = "throughput"
PERCENTILES = ("latency.p50", "latency.p90", "latency.p99")
SHARES = ("recall", "precision")
_ORDER = tuple(Answer)
_AND_MORE = re.compile(r"(.*) and (\d+) more", re.DOTALL)
_ACTIONS = tuple(Action)


def finding_rows(findings: Iterable[Finding], words: Words) -> list[dict[str, Any]]:
    """One row a finding, the ones that decide first."""
    return [_row(finding, words) for finding in by_weight(findings)]


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """ERROR, FAIL, INCONCLUSIVE, then what only warns or is told, then PASS; else in the judge's order."""
    return sorted(findings, key=_weight)


def counts_against(finding: Finding) -> bool:
    """True when the finding keeps the candidate from passing."""
    return finding.action is Action.BLOCK and finding.verdict is not Answer.PASS


def _weight(finding: Finding) -> tuple[int, int]:
    place = _ORDER.index(finding.verdict)
    return place if counts_against(finding) else place + len(_ORDER), _ACTIONS.index(finding.action)


def sentence(finding: Finding, words: Words) -> str:
    """What the finding says: told from its numbers where the language has a phrase, else the judge's own words."""
    for rule in (finding.rule, family(finding)):
        key = f"{_told_as(rule)}:{finding.reason}"
        if key in words.findings:
            return words.findings[key].format(**_fields(finding, words)) + _waived(finding, words)
    return _as_sentence(finding.message)


def _waived(finding: Finding, words: Words) -> str:
    """Which waivers it rests on, where the phrase before it does not say so."""
    if not finding.waivers or finding.rule == WAIVER:
        return ""
    return words("findings.waived", ids=", ".join(finding.waivers))


def family(finding: Finding) -> str:
    """The part of a rule's name that its relatives share: `regressions` of `regressions.critical`."""
    return finding.rule.partition(".")[0]


def _told_as(rule: str) -> str:
    """AP50:95 is told with the phrases of AP50, precision with those of recall, any percentile like another."""
    metric, dot, rest = rule.partition(".")
    if metric in SHARES:
        return f"recall{dot}{rest}"
    if rule in PERCENTILES:
        return "latency.percentile"
    return f"ap50{dot}{rest}" if metric in METRICS else rule


def part(finding: Finding) -> str | None:
    """The slice or the label that it is about; None where it is about all."""
    return finding.slice if finding.slice is not None else finding.label


def _as_sentence(message: str) -> str:
    first = message.split(" ", 1)[0].rstrip(",;:")
    opened = message[:1].upper() + message[1:] if first.isalpha() and first.islower() else message
    return opened if opened.endswith((".", "。", "?", "!")) else f"{opened}."


def rule_title(rule: str, words: Words) -> str:
    """The rule's name for a reader; the stable name itself when no phrase is known."""
    relatives, _, rest = rule.partition(".")
    if relatives == THROUGHPUT:
        return words("rule.throughput", size=rest)
    if f"rule.{rule}" in words:
        return words(f"rule.{rule}")
    if f"severity.{rest}" in words and f"rule.{relatives}" in words:
        return words("rule.of_severity", rule=words(f"rule.{relatives}"), severity=words(f"severity.{rest}"))
    return rule


def shown(finding: Finding, value: float | None, is_difference: bool = False) -> str:
    """`value` in the finding's unit."""
    unit = _unit(finding)
    if unit == "ratio":
        return ratio(value)
    if unit == "milliseconds":
        return milliseconds(value)
    if unit == "megabytes":
        return megabytes(value)
    if unit == "millions":
        return millions(value)
    if unit == "fraction":
        return signed(value) if is_difference else fixed(value)
    return count(value)


def forbidden_side(finding: Finding) -> str | None:
    """Where the policy forbids the value to be: "below" or "above" the limit; None for a rule without a direction."""
    if family(finding) in ("regressions", "failures", "flips", "latency", "crashes", *COSTS):
        return "above"
    return "below" if family(finding) in (*METRICS, *SHARES, THROUGHPUT, "discovery", "evidence") else None


def is_difference(finding: Finding) -> bool:
    """True when the value is candidate minus baseline."""
    metric, _, kind = finding.rule.partition(".")
    return finding.rule in (*SHARES, "discovery") or (metric in METRICS and kind in ("", "relative"))


def _row(finding: Finding, words: Words) -> dict[str, Any]:
    difference = is_difference(finding)
    return {
        "answer": finding.verdict.value,
        "rule": finding.rule,
        "title": rule_title(finding.rule, words),
        "suite": finding.suite,
        "part": part(finding),
        "sentence": sentence(finding, words),
        "value": shown(finding, finding.value, difference),
        "sides": _sides(finding),
        "limit": _limit(finding, difference),
        "interval": interval_text(finding, difference),
        "confidence": "" if finding.confidence is None else f"{finding.confidence * 100:g}%",
        "n": ABSENT if finding.n is None else count(finding.n),
        "rerun": finding.rerun,
        "action": "" if finding.action is Action.BLOCK else words(f"action.{finding.action.value}"),
        "detectable": _detectable(finding, words),
        "plot": _plot(finding),
    }


def _detectable(finding: Finding, words: Words) -> str:
    if finding.detectable is None:
        return ""
    return words("findings.detectable", change=fixed(finding.detectable))


def interval_text(finding: Finding, difference: bool) -> str:
    """The interval as "low … high", empty when there is none."""
    if finding.interval is None:
        return ""
    low, high = (shown(finding, end, difference) for end in finding.interval)
    return f"{low} … {high}"


def _limit(finding: Finding, difference: bool) -> str:
    if finding.limit is None:
        return ABSENT
    sign = {"above": "≤ ", "below": "≥ ", None: ""}[forbidden_side(finding)]
    return f"{sign}{shown(finding, finding.limit, difference)}"


def _plot(finding: Finding) -> dict[str, Any] | None:
    if finding.value is None or finding.limit is None or not math.isfinite(finding.value):
        return None
    interval = finding.interval or (finding.value, finding.value)
    # a count is seen from 0 on: 42 where 20 are allowed is twice as far as the limit
    neutral = 0.0 if is_difference(finding) or _unit(finding) == "count" else 1.0 if _unit(finding) == "ratio" else None
    scale = scale_over((*interval, finding.value, finding.limit, neutral), 4, PLOT_WIDTH - 4)
    limit = scale.at(finding.limit)
    side = forbidden_side(finding)
    return {
        "width": PLOT_WIDTH,
        "point": scale.at(finding.value),
        "low": scale.at(interval[0]) if finding.interval else None,
        "high": scale.at(interval[1]) if finding.interval else None,
        "limit": limit,
        "neutral": None if neutral is None else scale.at(neutral),
        "shade_left": 0 if side == "below" else limit,
        "shade_width": {"below": limit, "above": round(PLOT_WIDTH - limit, 1), None: 0}[side],
    }


def _unit(finding: Finding) -> str:
    if family(finding) in (*METRICS, *SHARES, "discovery"):
        return "fraction"
    if finding.rule in (*PERCENTILES, "cold_start.ms"):
        return "milliseconds"
    if finding.rule in ("memory.mb", "size.mb"):
        return "megabytes"
    if finding.rule == "parameters.millions":
        return "millions"
    return "ratio" if finding.rule in ("latency", *COSTS) or family(finding) == THROUGHPUT else "count"


def _fields(finding: Finding, words: Words) -> dict[str, str]:
    difference = is_difference(finding)
    severity = f"severity.{finding.rule.rpartition('.')[2]}"
    low, high = finding.interval or (None, None)
    percentile = finding.rule.rpartition(".p")[2] if finding.rule in PERCENTILES else ""
    return {
        "where": words("slice.all") if finding.slice is None else words("slice.one", name=finding.slice),
        "label": finding.label or "",
        "percentile": percentile,
        "lost": _lost(finding, words),
        "size": finding.rule.rpartition(".")[2],
        "suite": finding.suite,
        "metric": METRICS.get(family(finding)) or rule_title(family(finding), words),
        "at": _counted_at(finding, words),
        "severity": words(severity) if severity in words else "",
        "value": shown(finding, finding.value, difference),
        "limit": shown(finding, finding.limit, difference),
        "baseline": _side(finding, finding.baseline),
        "candidate": _side(finding, finding.candidate),
        "low": shown(finding, low, difference),
        "high": shown(finding, high, difference),
        "n": ABSENT if finding.n is None else count(finding.n),
        "needed": _needed(finding, words),
        "waivers": ", ".join(finding.waivers),
        "named": _named(finding, words),
        "first": words.retell(finding.message.partition("; first ")[2]),
    }


def _named(finding: Finding, words: Words) -> str:
    """The few that it is about, as the judge lists them after a colon, without what is said beside them."""
    listed = finding.message.partition(": ")[2].partition("; ")[0]
    found = _AND_MORE.fullmatch(listed)
    return words.retell(listed) if found is None else f"{words.retell(found[1])} ({words('more', n=int(found[2]))})"


def _lost(finding: Finding, words: Words) -> str:
    """Why pairs are missing, as the judge says it after the numbers."""
    _, _, lost = finding.message.partition("; ")
    return f"{words.retell(lost)}。" if lost and finding.reason == Reason.TOO_FEW_PAIRS.value else ""


def _counted_at(finding: Finding, words: Words) -> str:
    key = f"findings.at.{finding.at}"
    return words(key) if key in words else words("findings.at.score", score=finding.at)


def _sides(finding: Finding) -> list[str] | None:
    sides = (finding.baseline, finding.candidate)
    return None if finding.baseline is None else [_side(finding, side) for side in sides]


def _side(finding: Finding, value: float | None) -> str:
    if _unit(finding) != "ratio":
        return shown(finding, value)
    if family(finding) == THROUGHPUT:
        return per_second(value)
    return {"memory": megabytes, "size": megabytes, "parameters": millions}.get(finding.rule, milliseconds)(value)


def _needed(finding: Finding, words: Words) -> str:
    if finding.value is None or finding.limit is None or finding.interval is None or not finding.n:
        return ""
    value, limit, interval = finding.value, finding.limit, finding.interval
    if forbidden_side(finding) == "above":
        value, limit, interval = -value, -limit, (-interval[1], -interval[0])
    needed = needed_to_decide(value, interval, limit, finding.n)
    unit = "pairs" if family(finding) in ("latency", THROUGHPUT) else "images"
    return "" if needed is None else words(f"findings.needed.{unit}", n=needed)
