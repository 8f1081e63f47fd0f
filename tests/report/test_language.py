"""The switch of the language: one page and what turns it into the other are the other page, exactly."""

from __future__ import annotations

import html.parser
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.report import html as report
from pytest_damover.report.language import embedded, other_language
from pytest_damover.report.pictures import no_pictures


class Nodes(html.parser.HTMLParser):
    """Elements in their order: attributes, and their own texts that are not blank."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[dict[str, str | None], list[str]]] = []
        self.stack: list[int] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((dict(attrs), []))
        if tag not in ("meta", "input", "br"):
            self.stack.append(len(self.found) - 1)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        self.found.append((dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found[self.stack[-1]][1].append(data)


def switched(page: str, change: str) -> list[Any]:
    """The nodes of the page after the script's work, done here by hand."""
    nodes = Nodes(page).found
    data = json.loads(change)
    element = 0
    for gap, slot, text in zip(*(iter(data["places"]),) * 3, strict=True):
        element += gap
        attributes, texts = nodes[element]
        if slot < 0:
            attributes[data["names"][-slot - 1]] = data["texts"][text]
        else:
            texts[slot] = data["texts"][text]
    return nodes


def data_of(page: str) -> str:
    start = page.index('id="other-language">') + len('id="other-language">')
    return page[start : page.index("</script>", start)]


def without_data(page: str) -> Any:
    return Nodes(page.replace(data_of(page), "")).found


@pytest.mark.parametrize("runs", ["failing", "alone", "interrupted", "several", "no policy", "no cases", "many"])
def test_both_languages_are_one_page(make: Any, runs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if runs == "many":
        monkeypatch.setattr("pytest_damover.report.views.cases.MOST_CASES", 20)
    good, bad, better = make.GOOD, make.BLIND_AT_NIGHT, make.BETTER
    run = {
        "failing": lambda: make.make_run({"v1": good, "v2": bad}, 60),
        "alone": lambda: make.make_run({"v2": bad}, 30, alone=True),
        "interrupted": lambda: make.make_run({"v1": good, "v2": better}, 30, ended=None, lost=40),
        "several": lambda: make.make_run({"v1": good, "v2": bad, "v3": better}, 30),
        "no policy": lambda: make.make_run({"v1": good, "v2": better}, suite=make.make_suite(12, policy=None)),
        "many": lambda: make.make_run({"v1": good, "v2": bad}, 60),
        "no cases": lambda: make.make_run({"v1": good, "v2": better}, suite=make.make_suite(0)),
    }[runs]()
    judged = make.judged(run)
    pages = {lang: report.render(*judged, no_pictures, lang) for lang in ("en", "zh")}
    assert pages["en"] != pages["zh"]
    for lang, other in (("en", "zh"), ("zh", "en")):
        page = pages[lang]
        assert switched(page.replace(data_of(page), ""), data_of(page)) == without_data(pages[other])


def test_texts_and_attributes_are_told_by_their_place() -> None:
    shown = '<p title="a &amp; b">kept <b>kept</b> 2</p>'
    other = '<p title="a &lt; b">kept <b>保持</b> 3</p>'
    assert json.loads(other_language(shown, other)) == {
        "names": ["title"],
        "texts": ["a < b", "保持", " 3"],
        "places": [0, -1, 0, 1, 0, 1, -1, 1, 2],
    }


@pytest.mark.parametrize("other", ["<p>a</p>", "<p><i>a</i></p>", "<p><b> </b></p>"])
def test_pages_of_other_elements_offer_no_switch(other: str) -> None:
    assert other_language("<p><b>a</b></p>", other) == ""


@given(st.dictionaries(st.text(), st.text()))
def test_w2_embedded_data_comes_back_and_closes_no_script(data: dict[str, str]) -> None:
    text = embedded(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029") & set(text)
