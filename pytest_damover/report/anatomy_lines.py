"""A difference as lines for a terminal, for `damover diff`."""

from __future__ import annotations

import re

from pytest_damover.domain.anatomy import Difference
from pytest_damover.report.terminal import text_width
from pytest_damover.report.text import one_line
from pytest_damover.report.views.anatomy import tables
from pytest_damover.report.words import words_in

NARROWEST = 40
# a CI runner obeys lines that begin with "::" and "##[" wherever it stands
_COMMAND = re.compile(r"^(\s*)::")


def difference_lines(difference: Difference, baseline: str, candidate: str, lang: str, width: int) -> tuple[str, ...]:
    """What moved from `baseline` to `candidate`: the sentence, then every aspect; each line within `width` columns.

    `lang` is "en" or "zh". Text from the files is shown on one line, control characters as escapes, nothing that a CI
    log would obey.
    """
    words = words_in(lang)
    told = tables(difference, words)
    columns = max(width, NARROWEST)
    lines = [f"{one_line(baseline)} → {one_line(candidate)}", *_folded(told["told"], columns)]
    for group in told["groups"]:
        lines += ["", f"{group['title']} ({group['total']:,})"]
        for row in group["rows"]:
            lines += _row(row["name"], row["before"], row["after"], columns)
        lines += [f"  {words('more', n=group['more'])}"] if group["more"] else []
    if told["weights"]:
        lines += ["", words("anatomy.weights"), *_folded(told["weights"]["told"], columns)]
        lines += _folded(told["weights"]["relative"], columns) if told["weights"]["relative"] else []
        lines += [f"  {change:>12}  {one_line(name)}" for name, change in told["weights"]["largest"]]
    if told["unread"]:
        lines += ["", words("anatomy.unread.title"), *(f"  {one_line(what)}" for what in told["unread"])]
        lines += [f"  {words('more', n=told['unread_more'])}"] if told["unread_more"] else []
    return tuple(_cut(_safe(line), columns) for line in lines)


def _row(name: str, before: str, after: str, columns: int) -> list[str]:
    line = f"  {one_line(name)}: {before} → {after}"
    if text_width(line) <= columns:
        return [line]
    return [f"  {one_line(name)}", f"    - {before}", f"    + {after}"]


def _folded(text: str, columns: int) -> list[str]:
    """The text on as many lines as it takes, indented, broken at blanks and between wide characters."""
    lines, current = [], "  "
    for piece in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+", one_line(text)):
        if text_width(current + piece) > columns and current.strip():
            lines.append(current.rstrip())
            current = "  "
        current += piece if current.strip() else piece.lstrip()
    return [*lines, current] if current.strip() else lines


def _cut(line: str, columns: int) -> str:
    if text_width(line) <= columns:
        return line
    while text_width(line) > columns - 1:
        line = line[:-1]
    return f"{line}…"


def _safe(line: str) -> str:
    return _COMMAND.sub(r"\1\\x3a:", line).replace("##[", "## [")
