"""The page in a second language: where it differs from the first, as data that its script can put in place.

Both pages are drawn in full and compared, so every sentence is one that a template wrote in its place; nothing is
looked up by its wording, and a case that is called "kept" stays one. Without scripts the page is in its first language.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

_TAG = re.compile(r"(<[^>]*>)")  # text and attributes are escaped: each "<" and ">" is a tag's own
_ATTRIBUTE = re.compile(r'([^\s"=<>/]+)="([^"]*)"')
_NAME = re.compile(r"</?([a-zA-Z0-9]+)")
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

Change = tuple[int, str | int, str]


def other_language(shown: str, other: str) -> str:
    """JSON of what turns the page `shown` into `other`; '' where the two are not made of the same elements.

    `places` has three numbers a change: how many elements further on; its how-manyth text that is not blank, or for an
    attribute minus its number in `names`, counted from one; and the number of the new text in `texts`.
    """
    changes = _changes(_TAG.split(shown), _TAG.split(other))
    if changes is None:
        return ""
    texts: dict[str, int] = {}
    names: dict[str, int] = {}
    places: list[int] = []
    last = 0
    for element, slot, text in changes:
        number = slot if isinstance(slot, int) else -1 - names.setdefault(slot, len(names))
        places += (element - last, number, texts.setdefault(text, len(texts)))
        last = element
    return embedded({"names": list(names), "texts": list(texts), "places": places})


def embedded(data: object) -> str:
    """`data` as JSON that can stand inside a script element, whatever its text."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)


def _changes(ours: list[str], theirs: list[str]) -> list[Change] | None:
    """(number of the element, how-manyth text or name of an attribute, new text); None for other elements."""
    if len(ours) != len(theirs):
        return None
    found: list[Change] = []
    open_elements: list[list[int]] = []
    count = -1
    for place, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        if place % 2 == 0:
            if bool(our.strip()) != bool(their.strip()):
                return None
            if our.strip():
                element = open_elements[-1]
                if our != their:
                    found.append((element[0], element[1], html.unescape(their)))
                element[1] += 1
            continue
        name = _name(our)
        if name != _name(their):
            return None
        if our.startswith("</"):
            open_elements.pop()
        elif not our.startswith("<!"):
            count += 1
            if our != their:
                found += ((count, *change) for change in _attributes(our, their))
            if not our.endswith("/>") and name not in _VOID:
                open_elements.append([count, 0])
    return found


def _attributes(our: str, their: str) -> Iterator[tuple[str, str]]:
    before = dict(_ATTRIBUTE.findall(our))
    for name, value in _ATTRIBUTE.findall(their):
        if before.get(name) != value:
            yield name, html.unescape(value)


def _name(tag: str) -> str:
    found = _NAME.match(tag)
    return found[1] if found else tag
