"""The summary for a CI step: the verdict and its reasons as Markdown, always under `MOST_BYTES`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.text import fitted, one_line
from pytest_damover.report.views.page import page
from pytest_damover.report.words import Words, words_in

MOST_BYTES = 60_000
MOST_FINDINGS = 40
MOST_CASES = 20
MOST_DIFFERENCES = 3
SYMBOLS = {"PASS": "✅", "FAIL": "❌", "INCONCLUSIVE": "❔", "ERROR": "⚠️"}

_MEANT = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&\"'])")
# what GitHub turns into a mention, a link or an issue after Markdown has been read
_NOTICED = re.compile(r"(?<=[@#:])(?=\S)|(?<=www)(?=\.)")


def render(run: Run, verdict: Verdict, comparisons: Sequence[Comparison], lang: str) -> str:
    """`summary.md` in `lang` ("en" or "zh")."""
    words = words_in(lang)
    data = page(run, verdict, comparisons, no_pictures, words)
    blocks = [*_head(data, words)]
    for section in data["sections"]:
        blocks += _candidate(section, data, words)
    if data["waivers"]:
        blocks += _waivers(data["waivers"], words)
    if data["goldens"]:
        blocks += _goldens(data["goldens"], words)
    blocks += _foot(data, words)
    return _within(blocks, words("markdown.more_in_report"))


def escaped(text: str) -> str:
    """Text from outside on one line, with nothing left that Markdown or GitHub would act on."""
    shown = _MEANT.sub(r"\\\1", one_line(text)).replace(r"\&", "&amp;").replace(r"\<", "&lt;")
    return _NOTICED.sub("<!-- -->", shown)


def code(text: str) -> str:
    """A command as a code block that its own backticks cannot end."""
    shown = fitted(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{shown}\n{fence}"


def _head(data: dict[str, Any], words: Words) -> list[str]:
    summary = data["summary"]
    blocks = [
        f"## {SYMBOLS[summary['answer']]} {summary['word']} ({summary['answer']})",
        f"**{escaped(summary['headline'])}**",
    ]
    for banner in summary["banners"]:
        told = "; ".join(escaped(line) for line in banner["lines"][:5])
        blocks.append(f"> **{escaped(banner['title'])}** {escaped(banner['text'])} {told}".rstrip())
    counts = " · ".join(f"**{tile['value']:,}** {tile['label']}" for tile in summary["counts"])
    who = [("baseline", summary["baseline"])] if summary["baseline"] else []
    who += [("candidate", candidate) for candidate in summary["candidates"]]
    rows = [
        [words(f"role.{role}"), escaped(one["name"]), escaped(one["model"]), f"`{one['digest']}`"] for role, one in who
    ]
    return [*blocks, counts, _table(["", words("role.revision"), "", "SHA-256"], rows)]


def _candidate(section: dict[str, Any], data: dict[str, Any], words: Words) -> list[str]:
    blocks = []
    if data["several"]:
        summary = section["summary"]
        blocks.append(f"### {SYMBOLS[summary['answer']]} {escaped(section['name'])}: {escaped(summary['headline'])}")
    if section["anatomy"] and section["anatomy"]["told"]:
        blocks.append(f"**{words('section.anatomy')}**: {escaped(section['anatomy']['told'])}")
    why = section["summary"]["why"]
    blocks.append("\n".join(f"- **{escaped(line['title'])}**: {escaped(line['sentence'])}" for line in why["lines"]))
    if section["flips"]:
        blocks.append(f"**{words('section.flips')}**: {escaped(section['flips']['told'])}")
    blocks += _findings(section["findings"], words)
    for table in section["slices"]:
        blocks += _slices(table, words)
    for table in section["weak_spots"]:
        blocks += _weak_spots(table, words)
    if section["gallery"] and section["gallery"]["cards"]:
        blocks += _cases(section["gallery"], data, words)
    return blocks


def _findings(findings: Sequence[dict[str, Any]], words: Words) -> list[str]:
    heads = [words(f"column.{name}") for name in ("answer", "finding", "value", "limit", "interval", "n")]
    rows = [
        [_answer(row, words), _titled(row), row["value"], row["limit"],
         row["interval"], row["n"]]
        for row in findings[:MOST_FINDINGS]
    ]  # fmt: skip
    blocks = [f"### {words('section.findings')}", _table(heads, rows)]
    if len(findings) > MOST_FINDINGS:
        blocks.append(words("more", n=len(findings) - MOST_FINDINGS))
    commands = list(dict.fromkeys(row["rerun"] for row in findings if row["rerun"] and row["answer"] != "PASS"))[:5]
    if commands:
        told = "\n\n".join(code(command) for command in commands)
        blocks.append(f"<details><summary>{words('column.rerun')}</summary>\n\n{told}\n\n</details>")
    return blocks


def _answer(row: dict[str, Any], words: Words) -> str:
    told = f"{SYMBOLS[row['answer']]} {words('answer.' + row['answer'])}"
    return f"{told} ({row['action']})" if row["action"] else told


def _slices(table: dict[str, Any], words: Words) -> list[str]:
    heads = [words("column.slice"), words("column.images"), words("column.objects"), words("role.baseline"),
             words("role.candidate"), words("column.difference"), ""]  # fmt: skip
    rows = [
        [escaped(row["slice"]), row["images"], str(row["objects"]), row["baseline"], row["candidate"],
         row["difference"], row["interval"]]
        for row in table["rows"][:MOST_FINDINGS]
    ]  # fmt: skip
    return [f"### {words('section.slices', metric=table['name'])}", _table(heads, rows)]


def _weak_spots(table: dict[str, Any], words: Words) -> list[str]:
    """Only what the other half confirmed."""
    rows = [
        [escaped(row["slice"]), str(row["images"]), row["baseline"], row["candidate"], row["difference"],
         row["interval"], row["p"]]
        for row in table["rows"] if row["said"] == "confirmed"
    ]  # fmt: skip
    if not rows:
        return []
    heads = [words("column.slice"), words("column.images"), words("role.baseline"), words("role.candidate"),
             words("column.difference"), "", "p"]  # fmt: skip
    return [f"### {words('section.weak_spots')}", f"{table['told']} {table['picked']}", _table(heads, rows)]


def _cases(gallery: dict[str, Any], data: dict[str, Any], words: Words) -> list[str]:
    title = words("section.gallery" if data["paired"] else "section.gallery.alone")
    shown = gallery["cards"][:MOST_CASES]
    lines = [
        f"- {escaped(card['case'])} ({card['severity_word']}): {escaped('; '.join(card['why']))}" for card in shown
    ]
    if gallery["total"] > len(shown):
        lines.append(f"- {words('more.journal', n=gallery['total'] - len(shown))}")
    return [f"### {title} ({gallery['total']})", "\n".join(lines)]


def _waivers(waivers: Sequence[dict[str, Any]], words: Words) -> list[str]:
    names = ("answer", "waiver", "owner", "expires", "covered", "reason")
    rows = [
        [SYMBOLS[row["answer"]], escaped(row["id"]), escaped(row["owner"]), f"{row['expires']} ({row['left']})",
         escaped(row["covered"]), escaped(row["reason"])]
        for row in waivers
    ]  # fmt: skip
    return [
        f"### {words('section.waivers')} ({len(waivers)})",
        _table([words(f"column.{name}") for name in names], rows),
    ]


def _goldens(told: dict[str, Any], words: Words) -> list[str]:
    lines = [
        f"- {escaped(row['case'])} ({escaped(row['revision'] or row['suite'])}, {row['word']}): "
        f"{escaped('; '.join(row['differences'][:MOST_DIFFERENCES]))}"
        for row in told["rows"][:MOST_CASES]
    ]
    lines += [
        f"- {words('goldens.looser')}: {escaped(row['file'])}, {row['told']}: {escaped(row['reason'])}"
        for row in told["looser"][:MOST_CASES]
    ]
    lines += [f"- {words('goldens.inexact')}: {escaped(line)}" for line in told["inexact"][:MOST_CASES]]
    lines += [f"- {words('goldens.orphans')}: {escaped(path)}" for path in told["orphans"][:MOST_CASES]]
    lines += [f"- {escaped(line)}" for line in told["unknown"]]
    return [f"### {words('section.goldens')}: {told['counts']}", *(["\n".join(lines)] if lines else [])]


def _foot(data: dict[str, Any], words: Words) -> list[str]:
    rows = [[escaped(name), f"`{value}`"] for name, value in data["digests"][:3]]
    return [_table([words("section.remake"), "SHA-256"], rows), *(code(command) for command in data["remake"])]


def _titled(row: dict[str, Any]) -> str:
    return escaped(row["title"] if row["part"] is None else f"{row['title']} · {row['part']}")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _within(blocks: Sequence[str], more: str) -> str:
    kept: list[str] = []
    left = MOST_BYTES
    for block in blocks:
        left -= len(block.encode()) + 2
        if left < 0:
            kept.append(f"_{more}_")
            break
        kept.append(block)
    return "\n\n".join(kept) + "\n"
