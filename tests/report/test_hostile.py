"""Hostile text in any one field is text: no element, no attribute, no invisible character comes out of it."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from pytest_damover.report import html, markdown, terminal
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.text import lines_of, one_line, visible
from tests.report import hostile
from tests.report.test_html import Shape

CODE = re.compile(r"^(`{3,})sh\n.*?\n\1$", re.DOTALL | re.MULTILINE)
SURELY_SHOWN = 80
"""Values of a configuration are cut soonest."""
one_field_at_a_time = pytest.mark.parametrize(("field", "payloads"), hostile.CORPUS, ids=hostile.named)


class Page:
    """A page as a browser reads it, by the rules that HTML5 gives for right and wrong alike."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.elements: Counter[tuple[str, ...]] = Counter()
        self.said: list[str] = []
        self._read(html5lib.parse(text, namespaceHTMLElements=False), "")

    def times(self, words: str) -> int:
        """How often the words can be read on the page, in one element each."""
        return sum(words in one for one in self.said)

    def _read(self, element: Element, above: str) -> None:
        here = f"{above}/{element.tag}"
        self.elements[(here, *sorted(element.attrib))] += 1
        is_read = element.tag not in ("script", "style")
        self.said += [" ".join(one.split()) for one in (element.text, *element.attrib.values()) if one and is_read]
        for below in element:
            self._read(below, here)
            self.said.append(" ".join((below.tail or "").split()))


def page(make: Any, field: str, payload: str, lang: str) -> Page:
    return Page(html.render(*hostile.told(make, field, payload), no_pictures, lang))


@cache
def harmless(make: Any, field: str, lines: int, lang: str) -> Page:
    """The page with harmless text of as many lines in that field: each may be an element of a list."""
    return page(make, field, "\n".join(["harmless"] * lines), lang)


def readable(payload: str) -> tuple[tuple[str, ...], ...]:
    """The forms in which the start of a text may stand on the page: as it is, on one line, line by line."""
    forms = ((visible(payload),), (one_line(payload),), tuple(lines_of(payload)))
    return tuple(tuple(" ".join(one.split())[:SURELY_SHOWN] for one in form) for form in forms)


@pytest.mark.parametrize("lang", ["en", "zh"])
@one_field_at_a_time
def test_w1_the_page_has_the_elements_it_has_without_hostile_text_and_the_text_is_read(
    make: Any, field: str, payloads: tuple[str, ...], lang: str
) -> None:
    faults = []
    for payload in payloads:
        if payload in hostile.OF_XML:
            continue
        told = page(make, field, payload, lang)
        known = harmless(make, field, len(payload.splitlines()), lang)
        assert len(known.elements) > 200
        if told.elements != known.elements:
            faults.append((payload, told.elements - known.elements, known.elements - told.elements))
        if not any(all(told.times(one) > known.times(one) for one in form) for form in readable(payload)):
            faults.append((payload, "is not to be read"))
        if any(character in told.text for character in hostile.UNSEEN):
            faults.append((payload, "w8: is out of sight"))
    assert faults == []


@pytest.mark.parametrize("field", hostile.TWELVE)
def test_w1_every_element_is_closed_by_its_own_tag(make: Any, field: str) -> None:
    assert Shape(html.render(*hostile.told(make, field, hostile.TOGETHER), no_pictures, "en")).open == []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("field", hostile.TWELVE)
def test_w5_a_text_without_end_is_cut_and_its_length_told(make: Any, field: str, lang: str) -> None:
    text = html.render(*hostile.told(make, field, "x" * 5000), no_pictures, lang)
    assert "x" * 2000 in text
    assert "x" * 2049 not in text
    assert re.search(r"x… \(50\d\d characters\)", text)


@pytest.mark.parametrize("payload", hostile.PAYLOADS, ids=range(len(hostile.PAYLOADS)))
def test_w1_names_of_cases_that_only_the_script_knows_are_text_too(
    make: Any, payload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_damover.report.views.cases.MOST_CASES", 2)
    monkeypatch.setattr("pytest_damover.report.views.cases.MOST_ROWS", 3)
    told, without = (page(make, "case name", text, "en") for text in (payload, "harmless"))
    assert "case-table-rest" in told.text
    assert not any(character in told.text for character in hostile.UNSEEN)
    assert told.elements == without.elements


@one_field_at_a_time
def test_w7_the_summary_has_no_markup_of_its_own_from_hostile_text(
    make: Any, field: str, payloads: tuple[str, ...]
) -> None:
    for payload in payloads:
        for lang in ("en", "zh"):
            text = markdown.render(*hostile.told(make, field, payload), lang)
            assert len(text.encode()) < 65_536
            outside = CODE.sub("", text)
            for markup in ("<script", "<img", "<svg", "<a ", "](http", "://evil", "@everyone"):
                assert markup not in outside, (payload, lang)
            assert not any(character in text for character in hostile.UNSEEN), (payload, lang)


@one_field_at_a_time
@pytest.mark.parametrize(("width", "verbosity", "most"), [(20, 0, 25), (80, 0, 25), (80, 1, 80)])
def test_w7_the_terminal_obeys_no_hostile_text(
    make: Any, field: str, payloads: tuple[str, ...], width: int, verbosity: int, most: int
) -> None:
    for payload in payloads:
        lines = terminal.render(*hostile.told(make, field, payload), payload or "-", "zh", width, verbosity)
        assert len(lines) <= most
        for line in lines:
            assert line.text.isprintable() or line.text == ""
            assert terminal.text_width(line.text) <= width
            assert not line.text.lstrip().startswith("::")
            assert "##[" not in line.text
