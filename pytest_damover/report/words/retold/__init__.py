"""What plan, journal and refusals say in English, told in Chinese: each sentence by its form, with what stands in it.

The files keep the words in which a run spoke, and the reader has a language of his own. A sentence whose form is not
known here (a person's reason, another program's error) stays as it is. `tests/report/test_retold.py` and
`test_retold_files.py` call the functions that write these sentences, and look for English in whole Chinese pages.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain, islice

from pytest_damover.report.words.retold.cases import CASES
from pytest_damover.report.words.retold.doctor import DOCTOR
from pytest_damover.report.words.retold.files import FILES
from pytest_damover.report.words.retold.refusals import REFUSALS
from pytest_damover.report.words.retold.revisions import REVISIONS
from pytest_damover.report.words.retold.runs import RUNS

LONGEST = 4000
"""Characters; a longer text is left as it is, for looking for its form would take too long."""
DEEPEST, MOST_PARTS, MOST_PLACES = 12, 40, 3

_FIELD = re.compile(r"\{([a-zA-Z])(\d?)\}")
# n: a number, b: a box, l: a label, o: labels joined by "or", w: one word, p: a model or an address, q: quoted texts,
# r: one as Python quotes it, k: keys; a capital: a sentence in its own right; all else: any text
_KINDS = {
    "n": r"[-+−]?[\d.,]+(?:e[-+]?\d+)?",
    "b": r"\[[-\d. e+]*\]",
    "l": r"[^\[\];:]{1,120}?",
    "o": r"[^\[\];:]{1,120}?",
    "w": r"\S+",
    "p": r"[^\s/]+/\S+",
    "r": r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""",
    "k": r"[\w$]+(?:, [\w$]+)*",
    "q": r'"(?:[^"\\]|\\.)*"(?:, "(?:[^"\\]|\\.)*")*',
}

Form = tuple[re.Pattern[str], str]


@lru_cache(maxsize=8192)
def retold(text: str, depth: int = 0) -> str:
    """`text` in Chinese where its form is known; its lines and what "; ", ", " or ": " keep apart each on its own."""
    if depth > DEEPEST or len(text) > LONGEST:
        return text
    if "\n" in text:
        return "\n".join(retold(line, depth + 1) for line in text.split("\n"))
    if text.startswith(" "):
        return f"    {retold(text.lstrip(), depth + 1)}"
    said = _said(text, depth)
    if said is not None:
        return said
    for mark, joint in (("; ", "；"), (", ", "，")):
        parts = text.split(mark)
        told_parts = [retold(part, depth + 1) for part in parts] if 1 < len(parts) <= MOST_PARTS else parts
        if told_parts != parts:
            return joint.join(told_parts)
    where, mark, what = text.partition(": ")
    told_what = retold(what, depth + 1)
    return text if told_what == what else f"{where}：{told_what}"


def _said(text: str, depth: int) -> str | None:
    """A text of a known form, or one behind the places where it was found; None for any other."""
    head = re.split("[;,] ", text, maxsplit=1)[0]
    places = islice(re.finditer(": ", head), MOST_PLACES)
    for begin in (0, *(place.end() for place in places)):
        for form, template in _beginning_with(text[begin : begin + 1]):
            match = form.fullmatch(text, begin)
            if match is not None:
                fields = {name: _told(name, value, depth) for name, value in match.groupdict().items()}
                return text[:begin].replace(": ", "：") + template.format(**fields)
    return None


@lru_cache(maxsize=1024)
def _beginning_with(first: str) -> tuple[Form, ...]:
    """The forms of which a text that begins with that character may be: hundreds in all, and few are ever wanted."""
    return tuple((_pattern(english), told) for english, told in _FORMS if english[:1] in ("{", first))


def _told(name: str, value: str, depth: int) -> str:
    if name[0] == "o":
        return value.replace(" or ", " 或 ")
    return retold(value, depth + 1) if name[0].isupper() else value


@cache
def _pattern(english: str) -> re.Pattern[str]:
    parts, at = [], 0
    for field in _FIELD.finditer(english):
        parts.append(re.escape(english[at : field.start()]))
        parts.append(f"(?P<{field[1]}{field[2]}>{_KINDS.get(field[1], '.+?')})")
        at = field.end()
    return re.compile("".join([*parts, re.escape(english[at:])]))


_FORMS = tuple(chain.from_iterable(forms.items() for forms in (RUNS, FILES, CASES, REVISIONS, REFUSALS, DOCTOR)))
