"""The end of the terminal's output: verdict, why, and where the report is, in at most `MOST_LINES` lines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pytest_damover.domain.comparison import Comparison
from pytest_damover.domain.golden_result import GoldenOutcome
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.text import one_line, visible
from pytest_damover.report.views.flips import told_in_short
from pytest_damover.report.views.goldens import counts, held_in
from pytest_damover.report.views.goldens import goldens as goldens_view
from pytest_damover.report.views.latency import phases_in_short
from pytest_damover.report.views.page import comparison_of, measured
from pytest_damover.report.views.states import states
from pytest_damover.report.views.summary import verdict_summary
from pytest_damover.report.words import Words, words_in

MOST_LINES = 25
NARROWEST = 20
MOST_CASES = 5

Style = Literal["plain", "strong", "quiet", "PASS", "FAIL", "INCONCLUSIVE", "ERROR"]

_TONES: dict[str, Style] = {"fail": "FAIL", "open": "INCONCLUSIVE"}
# a CI runner obeys lines that begin with "::" and "##[" wherever it stands
_COMMAND = re.compile(r"^(\s*)::")


class Line(NamedTuple):
    """One line without escape sequences, and the style in which the caller may print it."""

    text: str
    style: Style


def render(
    run: Run, verdict: Verdict, comparisons: Sequence[Comparison], report_path: str, lang: str, width: int
) -> list[Line]:
    """At most 25 lines, each at most `width` columns wide; `report_path` is never cut, but wrapped."""
    words = words_in(lang)
    columns = max(width, NARROWEST)
    summary = verdict_summary(run, verdict, words)
    head = _shortened(_head(summary), 5, words)
    goldens, foot = _goldens(run, columns, words), _foot(summary, report_path, columns, words)
    several = len(verdict.candidates) > 1
    body: list[Line] = []
    for candidate, told in zip(verdict.candidates, summary["candidates"], strict=True):
        body += _candidate(told, comparison_of(candidate, comparisons), several, words)
    head, body = ([part for line in lines for part in _folded(line, columns)] for lines in (head, body))
    room = MOST_LINES - len(head) - len(foot)
    goldens = _shortened(goldens, max(room // 2, room - len(body)), words)
    return [*head, *_shortened(body, room - len(goldens), words), *goldens, *foot]


def _shortened(lines: list[Line], room: int, words: Words) -> list[Line]:
    """The lines, or as many of them as there is room for, the last one then saying how many more there are."""
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], Line(f"  {words('more', n=len(lines) - room + 1)}", "quiet")]


def _head(summary: dict[str, Any]) -> list[Line]:
    answer: Style = summary["answer"]
    lines = [Line(f"{summary['answer']} {summary['headline']}", answer)]
    lines += [
        Line(f"  {banner['title']}: {banner['text']} {'; '.join(banner['lines'][:2])}", _TONES[banner["tone"]])
        for banner in summary["banners"]
    ]
    return lines


def _candidate(told: dict[str, Any], comparison: Comparison | None, several: bool, words: Words) -> list[Line]:
    lines = [Line(f"{told['name']}: {told['word']}", told["answer"])] if several else []
    lines += [
        Line(f"  {_SIGNS[line['answer']]} {words('why.line', title=line['title'])}{line['sentence']}", line["answer"])
        for line in told["why"]["lines"]
    ]
    if told["why"]["more"]:
        lines.append(Line(f"    {told['why']['more']}", "quiet"))
    if comparison is None:
        return lines
    numbers = measured(comparison)
    if comparison.baseline is not None:
        text = f"  {words('column.ap50')} {numbers['ap50']} · {words('column.latency')} {numbers['latency']}"
        lines.append(Line(text, "plain"))
    for race in comparison.latencies:
        if told_phases := phases_in_short(race, words):
            lines.append(Line(f"  {words('latency.phases')}: {told_phases}", "plain"))
    every = states(comparison)
    if comparison.baseline is not None and every:
        counts = Counter(state for _, state in every)
        counted = {state: f"{counts[state]:,}" for state in ("kept", "regression", "fixed", "known")}
        lines.append(Line(f"  {words('terminal.changes', **counted)}", "plain"))
    if objects := told_in_short(comparison, words):
        lines.append(Line(f"  {words('section.flips')}: {objects}", "plain"))
    lost = [case.case for case, state in every if state in ("regression", "failed")]
    if lost:
        key = "section.gallery" if comparison.baseline is not None else "section.gallery.alone"
        more = f" +{len(lost) - MOST_CASES}" if len(lost) > MOST_CASES else ""
        lines.append(Line(f"  {words(key)} ({len(lost):,}): {', '.join(lost[:MOST_CASES])}{more}", "plain"))
    return lines


def _goldens(run: Run, columns: int, words: Words) -> list[Line]:
    """How the comparisons with goldens came out, and what is to be cleared away; nothing where there are none."""
    told = goldens_view(run, words)
    if told is None:
        return []
    lines = [Line(f"  {words('section.goldens')}: {told['counts']}", "plain")]
    for key in ("looser", "inexact", "orphans"):
        if told[key]:
            first = told[key][0]["file"] if key == "looser" else told[key][0]
            more = f" +{len(told[key]) - 1}" if len(told[key]) > 1 else ""
            lines.append(Line(f"  {words(f'goldens.{key}')} ({len(told[key])}): {first}{more}", "plain"))
    return [part for line in lines for part in _folded(line, columns)]


def written(run: Run, lang: str) -> list[Line]:
    """Every golden that the run wrote, and what is another in it than before; as many lines as it takes."""
    words = words_in(lang)
    lines = [Line(f"{words('section.goldens')}: {counts(held_in(run), words)}", "strong")]
    for item, result in held_in(run):
        if result.outcome is GoldenOutcome.WRITTEN:
            where = one_line(f"golden/{item.suite}/{result.file} ({item.revision})")
            lines.append(Line(_safe(f"  {where}"), "plain"))
            lines += [Line(_safe(f"      {one_line(told)}"), "quiet") for told in result.differences]
    return lines


def _foot(summary: dict[str, Any], report_path: str, columns: int, words: Words) -> list[Line]:
    counts = {tile["name"]: f"{tile['value']:,}" for tile in summary["counts"]}
    who = " → ".join(
        f"{one['name']} {one['short']}" for one in (summary["baseline"], *summary["candidates"][:3]) if one is not None
    )
    label = f"  {words('terminal.report')}: "
    counted = Line(f"  {words('terminal.counts', **counts)}", "plain")
    path = label + visible(report_path)
    wrapped = [Line(_safe(text), "strong") for text in _wrapped(path, columns - _room_for_escapes(path))[:5]]
    resume = [f"  {words('terminal.resume')}: {visible(summary['resume'])}"] if summary["resume"] else []
    wrapped += [
        Line(_safe(text), "strong") for one in resume for text in _wrapped(one, columns - _room_for_escapes(one))[:4]
    ]
    return [*_folded(counted, columns), *_folded(Line(f"  {who}", "quiet"), columns), *wrapped]


_SIGNS = {"PASS": "+", "FAIL": "x", "INCONCLUSIVE": "?", "ERROR": "!"}


def text_width(text: str) -> int:
    """Columns of a terminal that `text` takes; East Asian wide characters take two."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _folded(line: Line, columns: int, most: int = 2) -> list[Line]:
    """The line on at most `most` lines, broken at blanks where there are some; what is left over is cut off."""
    indent = line.text[: len(line.text) - len(line.text.lstrip())]
    rest, lines = one_line(line.text), list[Line]()
    while rest and len(lines) < most:
        room = columns - len(indent) - _room_for_escapes(rest)
        taken = _wrapped(rest, room)[0]
        blank = taken.rfind(" ")
        if len(taken) < len(rest) and rest[len(taken)] != " " and blank > len(taken) // 2:
            taken = taken[:blank]
        rest = rest[len(taken) :].lstrip()
        if rest and len(lines) == most - 1:
            taken = f"{_wrapped(taken, room - 1)[0]}…"
        lines.append(Line(_safe(indent + taken), line.style))
        if len(lines) == 1:
            indent += "    "
    return lines or [line]


def _wrapped(text: str, columns: int) -> list[str]:
    lines, current, used = [], "", 0
    for character in text:
        wide = _columns(character)
        if used + wide > columns:
            lines.append(current)
            current, used = "", 0
        current, used = current + character, used + wide
    return [*lines, current]


def _room_for_escapes(text: str) -> int:
    return 3 if "::" in text or "##[" in text else 0


def _safe(text: str) -> str:
    return _COMMAND.sub(r"\1\\x3a:", text).replace("##[", "## [")
