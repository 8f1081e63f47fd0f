"""The report as its reader has it: opened from disk in a headless Chromium, looked at, used, printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_damover.report import html
from pytest_damover.report.text import one_line
from pytest_damover.report.views.findings import sentence
from pytest_damover.report.views.summary import headline
from pytest_damover.report.words import words_in
from tests.report.chromium import Chromium, Pages, needs_chromium, picture

pytestmark = [pytest.mark.slow, needs_chromium]
NODES = """Array.from(document.querySelectorAll("body *, title")).filter(e => !e.closest("script")).map(e =>
  [e.tagName, Array.from(e.childNodes).filter(n => n.nodeType === 3 && n.data.trim()).map(n => n.data),
   ...["aria-label", "title", "data-label", "lang"].map(name => e.getAttribute(name))])"""
OPENED = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
OUTER_TEXT = "document.body.innerText.replace(/\\s+/g, ' ')"
SHOWN = "Array.from(document.querySelectorAll('#case-table tbody:not(.kinds) tr')).filter(r => !r.hidden)"
TYPE = """(function (text) { var field = document.querySelector('[data-filter=case-table] input');
  field.value = text; field.dispatchEvent(new Event('input')); })"""


@pytest.fixture(scope="module")
def long_report(make: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a report of very many cases, which lists only those that did not simply keep passing."""
    suite = make.make_suite(60)
    odd = replace(suite.cases[1], name="夜间 <b>1</b>")
    run = make.make_run(
        {"v1": make.GOOD, "v2": make.GOOD}, suite=replace(suite, cases=(suite.cases[0], odd, *suite.cases[2:]))
    )
    path = tmp_path_factory.mktemp("long") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pytest_damover.report.views.cases.MOST_CASES", 20)
        path.write_text(html.render(*make.judged(run), picture, "en"), encoding="utf-8")
    return path


@pytest.fixture
def tab(browser: Chromium, reports: Pages) -> Iterator[Chromium]:
    browser.faults.clear()
    browser.requests.clear()
    browser.open(reports["FAIL"]["en"])
    yield browser
    assert browser.faults == []


def test_nothing_is_fetched_and_nothing_complains(tab: Chromium, reports: Pages) -> None:
    assert {url for url in tab.requests if not url.startswith("data:")} == {reports["FAIL"]["en"].as_uri()}
    assert any(url.startswith("data:image/jpeg") for url in tab.requests)


def test_a_fetch_would_be_seen_and_refused(browser: Chromium, reports: Pages) -> None:
    browser.open(reports["FAIL"]["en"])
    browser.faults.clear()
    browser.run("document.body.append(Object.assign(new Image(), {src: 'file:///other.png'})); 1")
    browser.wait_for("new Promise(done => setTimeout(() => done(true), 200))")
    assert any("Content Security Policy" in fault for fault in browser.faults)
    browser.faults.clear()


@pytest.mark.parametrize("width", [1440, 768, 390])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_width_is_too_narrow(browser: Chromium, reports: Pages, width: int, lang: str) -> None:
    browser.open(reports["FAIL"][lang], width=width)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert browser.run("document.documentElement.scrollWidth") == width


def test_a_table_is_narrowed_by_text_and_by_choice(tab: Chromium) -> None:
    everything = tab.run(f"{SHOWN}.length")
    assert everything == 60
    tab.run(f"{TYPE}('night_00')")
    nights = tab.run(f"{SHOWN}.map(r => r.cells[1].textContent)")
    assert 0 < len(nights) < everything
    assert all("night_00" in name for name in nights)
    tab.run("""(function () { var s = document.querySelector('[data-filter=case-table] [data-by=state]');
      s.value = Array.from(s.options).find(o => o.text === 'regression').value;
      s.dispatchEvent(new Event('change')); })()""")
    lost = tab.run(f"{SHOWN}.map(r => r.cells[0].textContent.trim())")
    assert 0 < len(lost) < len(nights)
    assert set(lost) == {"regression"}
    assert (
        tab.run("document.querySelector('[data-filter=case-table] .status').textContent") == f"{len(lost)} rows shown"
    )


def test_a_table_is_sorted_by_the_keyboard(tab: Chromium) -> None:
    tab.run("document.querySelector('#case-table').closest('details').open = true")
    tab.run("document.querySelectorAll('#case-table .sorter')[1].focus()")
    for key, rising in (("Enter", True), (" ", False)):
        tab.press(key)
        names = tab.run(f"{SHOWN}.map(r => r.cells[1].querySelector('a').textContent)")
        assert names == sorted(names, reverse=not rising)
        state = "ascending" if rising else "descending"
        assert tab.run("document.querySelectorAll('#case-table th')[1].getAttribute('aria-sort')") == state


def test_numbers_are_sorted_as_numbers(tab: Chromium) -> None:
    tab.run("document.querySelectorAll('.findings .sorter')[2].click()")
    values = tab.run("Array.from(document.querySelectorAll('.findings .value')).map(e => e.textContent)")
    numbers = [float(value.replace("−", "-").replace(",", "").rstrip("×")) for value in values if value != "–"]
    assert len(numbers) > 5
    assert numbers == sorted(numbers)


def test_an_overlay_is_hidden_and_comes_back(tab: Chromium) -> None:
    shown = "getComputedStyle(document.querySelector('.shot .o-{0}')).display"
    for box, layer in (("truth", "truth"), ("boxes", "boxes"), ("labels", "label")):
        assert tab.run(shown.format(layer)) != "none"
        tab.run(f"document.querySelector('.t-{box}').click()")
        assert tab.run(shown.format(layer)) == "none"
        tab.run(f"document.querySelector('.t-{box}').click()")
        assert tab.run(shown.format(layer)) != "none"


def test_a_link_leads_to_a_case_without_a_picture_also_when_it_is_filtered_away(
    browser: Chromium, reports: Pages
) -> None:
    browser.open(reports["FAIL"]["en"])
    address = browser.run("document.querySelector('#case-table tr[id]').id")
    row = f"document.getElementById('{address}')"
    browser.run(f"{TYPE}('no such case')")
    assert browser.run(f"{row}.hidden")
    browser.run(f"location.hash = '{address}'")
    browser.wait_for(f"!{row}.hidden && {row}.getBoundingClientRect().height > 0")
    browser.open(reports["FAIL"]["en"], f"#{address}")
    browser.wait_for(f"(r => r.height > 0 && r.top >= 0 && r.bottom <= innerHeight)({row}.getBoundingClientRect())")


def test_a_case_that_is_not_listed_is_found_by_the_filter_and_by_its_address(
    browser: Chromium, long_report: Path
) -> None:
    browser.open(long_report)
    listed = browser.run(f"{SHOWN}.length")
    assert listed < 60
    browser.run(f"{TYPE}('day_0002')")
    assert browser.run(f"{SHOWN}.map(r => [r.id, r.cells[0].textContent.trim()])") == [["case-phone:day_0002", "kept"]]
    browser.run("document.querySelector('.language').click()")
    assert browser.run(f"{SHOWN}.map(r => r.cells[0].textContent.trim())") == ["保持通过"]
    browser.run(f"{TYPE}('')")
    assert browser.run(f"{SHOWN}.length") == listed
    browser.open(long_report, "#case-phone:day_0004")
    browser.wait_for("document.getElementById('case-phone:day_0004').getBoundingClientRect().top < innerHeight")
    browser.run(f"{TYPE}('夜间')")
    (found,) = browser.run(f"{SHOWN}.map(r => [r.querySelector('a').textContent, r.id])")
    assert (found[0], "<b>" in found[1]) == ("夜间 <b>1</b>", False)
    browser.open(long_report, f"#{found[1]}")
    browser.wait_for(f"document.getElementById('{found[1]}') !== null")
    assert browser.faults == []


@pytest.mark.parametrize(("lang", "other"), [("en", "zh"), ("zh", "en")])
def test_the_language_is_switched_to_the_other_page_and_back(
    browser: Chromium, reports: Pages, lang: str, other: str
) -> None:
    browser.open(reports["FAIL"][other])
    wanted = browser.run(NODES)
    browser.open(reports["FAIL"][lang])
    before = browser.run(NODES)
    browser.run("document.querySelector('.language').click()")
    assert browser.run(NODES) == wanted
    assert browser.run("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[other]
    browser.run("document.querySelector('.language').click()")
    assert browser.run(NODES) == before


@pytest.mark.parametrize("answer", ["FAIL", "PASS", "INCONCLUSIVE"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_w3_with_scripts_off_the_text_tells_verdict_findings_and_cases(
    browser: Chromium, reports: Pages, make: Any, lang: str, answer: str
) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(reports[answer][lang])
        above, everything = browser.run(OUTER_TEXT), browser.run(f"{OPENED}; {OUTER_TEXT}")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    run, verdict, comparisons = make.told(answer)
    words = words_in(lang)
    candidate = verdict.candidates[0]
    assert f"{answer} ·" in above
    for told in (headline(candidate, verdict.baseline, words), candidate.revision.digest, verdict.baseline.digest):
        assert told in above
    for finding in candidate.findings:
        assert one_line(sentence(finding, words)) in above
    assert [case.name for _, case in run.cases.items() if case.name not in everything] == []
    assert comparisons


@pytest.mark.parametrize("answer", ["FAIL", "PASS", "INCONCLUSIVE", "ERROR"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_w6_the_first_screen_has_verdict_digests_counts_and_interruption(
    browser: Chromium, reports: Pages, lang: str, answer: str
) -> None:
    browser.open(reports[answer][lang])
    shown = browser.run("""Array.from(document.querySelectorAll('h1, .one code, .tiles li, .banner.first')).map(e =>
      [e.innerText, (r => r.top >= 0 && r.bottom <= innerHeight)(e.getBoundingClientRect())])""")
    assert [text for text, is_above in shown if not is_above] == []
    told = " ".join(text for text, _ in shown)
    assert (answer in told, told.count("sha256:")) == (True, 2)
    assert ("INTERRUPTED" in told) is (answer == "INCONCLUSIVE")
    assert len(shown) == 1 + 2 + 6 + (answer == "INCONCLUSIVE")


def test_with_scripts_off_everything_is_there_and_nothing_offers_what_it_cannot_do(
    browser: Chromium, reports: Pages
) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(reports["FAIL"]["zh"])
        assert browser.run("document.querySelectorAll('.sorter').length") == 0
        assert browser.run(
            "document.querySelector('.language').hidden && document.querySelector('[data-filter]').hidden"
        )
        assert browser.run("document.querySelectorAll('#case-table tbody tr:not([hidden])').length") == 60
        assert browser.run("document.querySelector('h1').textContent").startswith("不")
        browser.run("document.querySelector('.t-truth').click()")
        assert browser.run("getComputedStyle(document.querySelector('.shot .o-truth')).display") == "none"
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
