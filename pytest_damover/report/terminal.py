"""The end of the terminal's output: verdict, why, and where the report is, in at most 25 lines; more with `-v`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.golden_result import GoldenOutcome
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.text import one_line, visible
from pytest_damover.report.views.flips import told_in_short
from pytest_damover.report.views.goldens import counts, held_in
from pytest_damover.report.views.goldens import goldens as goldens_view
from pytest_damover.report.views.latency import phase_lines
from pytest_damover.report.views.page import comparison_of, measured
from pytest_damover.report.views.states import states
from pytest_damover.report.views.summary import WHY_LINES, verdict_summary
from pytest_damover.report.words import Words, words_in

NARROWEST = 20
MOST_BANNERS = 4
# of these the lines say it all; the others name in their text what they are about
_PLAIN_BANNERS = ("untested", "narrowed", "broken", "policy", "damage", "changed")

Style = Literal["plain", "strong", "quiet", "PASS", "FAIL", "INCONCLUSIVE", "ERROR"]

_TONES: dict[str, Style] = {"fail": "FAIL", "open": "INCONCLUSIVE"}
# a CI runner obeys lines that begin with "::" and "##[" wherever it stands
_COMMAND = re.compile(r"^(\s*)::")


class Room(NamedTuple):
    """How much may be said: lines in all, lines for one sentence, reasons and cases of each candidate."""

    lines: int
    fold: int
    reasons: int
    cases: int


QUIET, PLAIN, VERBOSE = Room(10, 1, 3, 0), Room(25, 2, WHY_LINES, 5), Room(80, 8, 12, 30)


def room_for(verbosity: int) -> Room:
    """By pytest's own measure: below 0 with `-q`, above with `-v`."""
    return PLAIN if verbosity == 0 else QUIET if verbosity < 0 else VERBOSE


class Line(NamedTuple):
    """One line without escape sequences, and the style in which the caller may print it."""

    text: str
    style: Style


def render(
    run: Run,
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    report_path: str,
    lang: str,
    width: int,
    verbosity: int = 0,
) -> list[Line]:
    """At most 25 lines, each at most `width` columns wide; `report_path` is never cut, but wrapped.

    With a `verbosity` below 0 the verdict, its reasons and the path; above 0 nothing is cut that fits 80 lines.
    """
    words, room = words_in(lang), room_for(verbosity)
    columns = max(width, NARROWEST)
    summary = verdict_summary(run, verdict, words, room.reasons)
    several = len(verdict.candidates) > 1
    blocks = [
        _candidate(told, comparison_of(candidate, comparisons), several, room, words)
        for candidate, told in zip(verdict.candidates, summary["candidates"], strict=True)
    ]
    blocks += [] if room is QUIET else [_goldens(run, words)]
    head = _all_folded(_head(summary, words), columns, room)
    foot = _foot(summary, report_path, columns, room, words)
    folded = [[_folded(line, columns, room.fold) for line in block] for block in blocks]
    return [*head, *_within(folded, room.lines - len(head) - len(foot), words), *foot]


def _all_folded(lines: Sequence[Line], columns: int, room: Room) -> list[Line]:
    return [part for line in lines for part in _folded(line, columns, room.fold)]


def _within(blocks: Sequence[Sequence[Sequence[Line]]], room: int, words: Words) -> list[Line]:
    """As many sentences of each block as fit, none at the cost of another block's; what is left out is counted."""
    every = sum(len(sentence) for block in blocks for sentence in block)
    left = room if every <= room else room - 1
    taken, closed = [0] * len(blocks), [not block for block in blocks]
    while not all(closed):
        place = min((at for at, is_closed in enumerate(closed) if not is_closed), key=lambda at: taken[at])
        lines = len(blocks[place][taken[place]])
        fits = lines <= left
        left -= lines if fits else 0
        taken[place] += fits
        closed[place] = not fits or taken[place] == len(blocks[place])
    kept = [line for block, most in zip(blocks, taken, strict=True) for sentence in block[:most] for line in sentence]
    more = [Line(f"  {words('more', n=every - len(kept))}", "quiet")] if every > room else []
    return [*kept, *more]


def _head(summary: dict[str, Any], words: Words) -> list[Line]:
    answer: Style = summary["answer"]
    told = [Line(f"  {_banner(banner)}", _TONES[banner["tone"]]) for banner in summary["banners"]]
    if len(told) > MOST_BANNERS:
        told[MOST_BANNERS - 1 :] = [Line(f"  {words('more', n=len(told) - MOST_BANNERS + 1)}", "quiet")]
    return [Line(f"{summary['answer']} {summary['headline']}", answer), *told]


def _banner(banner: dict[str, Any]) -> str:
    title, lines = banner["title"], banner["lines"]
    if banner["key"] not in _PLAIN_BANNERS:
        return f"{title}: {banner['text']} {'; '.join(lines[:2])}".rstrip()
    count = f" ({banner['n']})" if banner["n"] > 1 else ""
    return f"{title}{count}: {''.join(lines[:1])}"


def _candidate(
    told: dict[str, Any], comparison: Comparison | None, several: bool, room: Room, words: Words
) -> list[Line]:
    numbers = _numbers(comparison, words)
    lines = [Line(" · ".join([f"{told['name']}: {told['word']}", *numbers]), told["answer"])] if several else []
    lines += [
        Line(f"  {_SIGNS[line['answer']]} {_reason(line, words)}", line["answer"]) for line in told["why"]["lines"]
    ]
    if told["why"]["more"]:
        lines.append(Line(f"    {told['why']['more']}", "quiet"))
    if comparison is None or room is QUIET:
        return lines
    if numbers and not several:
        lines.append(Line(f"  {' · '.join(numbers)}", "plain"))
    return [*lines, *_changes(comparison, room, words)]


def _reason(line: dict[str, Any], words: Words) -> str:
    """The sentence, under its title where it does not begin with the same word."""
    first = line["title"].split(" ", 1)[0]
    if line["sentence"].startswith(f"{first} "):
        return str(line["sentence"])
    return f"{words('why.line', title=line['title'])}{line['sentence']}"


def _numbers(comparison: Comparison | None, words: Words) -> list[str]:
    if comparison is None or comparison.baseline is None:
        return []
    numbers = measured(comparison)
    return [f"{words('column.ap50')} {numbers['ap50']}", f"{words('column.latency')} {numbers['latency']}"]


def _changes(comparison: Comparison, room: Room, words: Words) -> list[Line]:
    """What became of cases and objects, and where the time goes."""
    lines = [Line(f"    {told}", "plain") for race in comparison.latencies for told in phase_lines(race, words)]
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
        more = f" +{len(lost) - room.cases}" if len(lost) > room.cases else ""
        lines.append(Line(f"  {words(key)} ({len(lost):,}): {', '.join(lost[: room.cases])}{more}", "plain"))
    return lines


def _goldens(run: Run, words: Words) -> list[Line]:
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
    return lines


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


def _foot(summary: dict[str, Any], report_path: str, columns: int, room: Room, words: Words) -> list[Line]:
    paths = [f"  {words('terminal.report')}: {visible(report_path)}"]
    paths += [f"  {words('terminal.resume')}: {visible(summary['resume'])}"] if summary["resume"] else []
    wrapped = [
        Line(_safe(text), "strong") for one in paths for text in _wrapped(one, columns - _room_for_escapes(one))[:5]
    ]
    if room is QUIET:
        return wrapped
    counts = {tile["name"]: f"{tile['value']:,}" for tile in summary["counts"]}
    who = " → ".join(
        f"{one['name']} {one['short']}" for one in (summary["baseline"], *summary["candidates"][:3]) if one is not None
    )
    told = [Line(f"  {words('terminal.counts', **counts)}", "plain"), Line(f"  {who}", "quiet")]
    return [*_all_folded(told, columns, PLAIN), *wrapped]


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
