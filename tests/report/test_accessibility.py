"""Everybody can use the report: axe finds nothing in any state of it, and the keyboard reaches and works everything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import pytest

from tests.report.chromium import Chromium, Pages, needs_chromium

pytestmark = [pytest.mark.slow, needs_chromium]
OPEN = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
FILTER = """(() => { const bar = document.querySelector('[data-filter=case-table]'), field = bar.querySelector('input');
  field.value = 'night'; field.dispatchEvent(new Event('input'));
  const choice = bar.querySelector('select');
  choice.selectedIndex = 1; choice.dispatchEvent(new Event('change')); })()"""
STATES = {"first screen": "1", "all opened": OPEN, "filtered": f"{OPEN}; {FILTER}"}
FAULTS = """axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>
  [v.impact, v.id, v.nodes.length, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))"""
CONTROLS = """Array.from(document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')).filter(
  e => e.checkVisibility({visibilityProperty: true}) && !e.hidden)"""
FOCUSED = """(() => { const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
  return {number: controls.indexOf(e), html: e.outerHTML.slice(0, 120),
    ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && s.outlineColor !== 'rgba(0, 0, 0, 0)',
    seen: r.width > 0 && r.height > 0 && r.right > 0 && r.left < innerWidth && r.bottom > 0 && r.top < innerHeight};
  })()"""


@cache
def axe() -> str:
    return files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def scheme(browser: Chromium, request: pytest.FixtureRequest) -> Iterator[str]:
    """The colours that the reader's system asks for."""
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": request.param}])
    yield request.param
    browser.call("Emulation.setEmulatedMedia", features=[])


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("answer", ["FAIL", "PASS", "INCONCLUSIVE"])
@pytest.mark.usefixtures("scheme")
def test_axe_finds_nothing(browser: Chromium, reports: Pages, answer: str, lang: str, width: int) -> None:
    states = STATES if answer == "FAIL" else ("all opened",)
    found = []
    browser.open(reports[answer][lang], width=width)
    browser.run(axe() + "; 1")
    for state in states:
        browser.run(f"{STATES[state]}; 1")
        found += [(state, *fault) for fault in browser.run(FAULTS)]
    assert found == []


def test_axe_would_find_a_fault(browser: Chromium, reports: Pages) -> None:
    browser.open(reports["PASS"]["en"])
    browser.run(axe() + "; document.body.append(document.createElement('button')); 1")
    assert [fault[:2] for fault in browser.run(FAULTS)] == [["critical", "button-name"]]


@pytest.mark.parametrize("width", [1440, 390])
def test_tab_goes_to_every_control_in_order_and_each_shows_that_it_has_the_focus(
    browser: Chromium, reports: Pages, width: int
) -> None:
    browser.open(reports["FAIL"]["en"], width=width)
    browser.run(f"{OPEN}; document.documentElement.style.scrollBehavior = 'auto'; 1")
    browser.run(f"window.controls = {CONTROLS}; 1")
    count = browser.run("controls.length")
    assert count > 100
    stops = []
    for _ in range(count):
        browser.press("Tab")
        stops.append(browser.run(FOCUSED))
    assert [stop["number"] for stop in stops] == list(range(count))
    assert [stop["html"] for stop in stops if not (stop["ring"] and stop["seen"])] == []
    kinds = ["a.skip", "button.language", "input[type=search]", "input[type=checkbox]", "select", "summary"]
    kinds += ["button.sorter"] if width > 760 else []  # below that a table is a list and has no heads
    assert [kind for kind in kinds if not browser.run(f"controls.some(e => e.matches('{kind}'))")] == []


def go_to(browser: Chromium, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(500):
        if browser.run(f"document.activeElement.matches('{selector}')"):
            return
        browser.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


def test_the_keyboard_alone_works_every_control(browser: Chromium, reports: Pages) -> None:
    browser.open(reports["FAIL"]["en"])
    go_to(browser, "a.skip")
    browser.press("Enter")
    browser.wait_for("location.hash === '#verdict'")
    browser.open(reports["FAIL"]["en"])
    go_to(browser, "button.language")
    browser.press("Enter")
    assert browser.run("document.documentElement.lang") == "zh-CN"
    browser.press(" ")
    assert browser.run("document.documentElement.lang") == "en"
    go_to(browser, ".t-truth")
    browser.press(" ")
    assert browser.run("getComputedStyle(document.querySelector('.shot .o-truth')).display") == "none"
    go_to(browser, "#cases summary")
    browser.press("Enter")
    assert browser.run("document.querySelector('#cases details').open")
    go_to(browser, "#cases input")
    browser.write("night_000")
    rows = "Array.from(document.querySelectorAll('#case-table tbody tr')).filter(r => !r.hidden).length"
    some = browser.run(rows)
    assert 0 < some < 60
    go_to(browser, "#cases select")
    browser.press("ArrowDown")
    browser.wait_for("document.activeElement.selectedIndex === 1")
    assert browser.run(rows) < some
