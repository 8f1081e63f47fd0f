"""The report as its reader has it: opened from disk in a headless Chromium, looked at, used, printed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_damover.images import encode_jpeg
from pytest_damover.report import html
from tests.report.chromium import CHROMIUM, Chromium, started

MISSING = "NOT TESTED: the report in a browser; there is no chromium (Debian: apt-get install chromium fonts-noto-cjk)"
if CHROMIUM is None:
    warnings.warn(MISSING, stacklevel=1)  # a skip alone would be one letter among thousands
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=MISSING)]
NODES = """Array.from(document.querySelectorAll("body *, title")).filter(e => !e.closest("script")).map(e =>
  [e.tagName, Array.from(e.childNodes).filter(n => n.nodeType === 3 && n.data.trim()).map(n => n.data),
   ...["aria-label", "title", "data-label", "lang"].map(name => e.getAttribute(name))])"""
SHOWN = "Array.from(document.querySelectorAll('#case-table tbody:not(.kinds) tr')).filter(r => !r.hidden)"
TYPE = """(function (text) { var field = document.querySelector('[data-filter=case-table] input');
  field.value = text; field.dispatchEvent(new Event('input')); })"""


def picture(suite: str, case: str, region: Any = None) -> bytes:  # noqa: ARG001 - the protocol's parameters
    """Colours that run from corner to corner."""
    ramp = np.linspace(0, 255, 480 * 640 * 3).reshape(480, 640, 3).astype(np.uint8)
    return encode_jpeg(ramp, 120)


@pytest.fixture(scope="module")
def reports(make: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    judged = make.judged(make.make_run({"v1.0.0": make.GOOD, "v2.0.0": make.BLIND_AT_NIGHT}, 60))
    folder = tmp_path_factory.mktemp("report")
    pages = {lang: folder / f"{lang}.html" for lang in ("en", "zh")}
    for lang, path in pages.items():
        path.write_text(html.render(*judged, picture, lang), encoding="utf-8")
    return pages


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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with started(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@pytest.fixture
def tab(browser: Chromium, reports: dict[str, Path]) -> Iterator[Chromium]:
    browser.faults.clear()
    browser.requests.clear()
    browser.open(reports["en"])
    yield browser
    assert browser.faults == []


def test_nothing_is_fetched_and_nothing_complains(tab: Chromium, reports: dict[str, Path]) -> None:
    assert {url for url in tab.requests if not url.startswith("data:")} == {reports["en"].as_uri()}
    assert any(url.startswith("data:image/jpeg") for url in tab.requests)


def test_a_fetch_would_be_seen_and_refused(browser: Chromium, reports: dict[str, Path]) -> None:
    browser.open(reports["en"])
    browser.faults.clear()
    browser.run("document.body.append(Object.assign(new Image(), {src: 'file:///other.png'})); 1")
    browser.wait_for("new Promise(done => setTimeout(() => done(true), 200))")
    assert any("Content Security Policy" in fault for fault in browser.faults)
    browser.faults.clear()


@pytest.mark.parametrize("width", [1440, 768, 390])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_width_is_too_narrow(browser: Chromium, reports: dict[str, Path], width: int, lang: str) -> None:
    browser.open(reports[lang], width=width)
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
    browser: Chromium, reports: dict[str, Path]
) -> None:
    browser.open(reports["en"])
    address = browser.run("document.querySelector('#case-table tr[id]').id")
    row = f"document.getElementById('{address}')"
    browser.run(f"{TYPE}('no such case')")
    assert browser.run(f"{row}.hidden")
    browser.run(f"location.hash = '{address}'")
    browser.wait_for(f"!{row}.hidden && {row}.getBoundingClientRect().height > 0")
    browser.open(reports["en"], f"#{address}")
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
    browser: Chromium, reports: dict[str, Path], lang: str, other: str
) -> None:
    browser.open(reports[other])
    wanted = browser.run(NODES)
    browser.open(reports[lang])
    before = browser.run(NODES)
    browser.run("document.querySelector('.language').click()")
    assert browser.run(NODES) == wanted
    assert browser.run("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[other]
    browser.run("document.querySelector('.language').click()")
    assert browser.run(NODES) == before


def test_with_scripts_off_everything_is_there_and_nothing_offers_what_it_cannot_do(
    browser: Chromium, reports: dict[str, Path]
) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(reports["zh"])
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


def test_it_prints_on_a4(tab: Chromium) -> None:
    pdf = tab.pdf()
    assert pdf.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf or b"/MediaBox [0 0 595" in pdf
    assert 3 <= pdf.count(b"/Type /Page\n") <= 40


@pytest.mark.parametrize(
    ("lang", "scheme", "width"),
    [("en", "light", 1440), ("en", "dark", 800), ("zh", "light", 390), ("zh", "dark", 1440)],
)
def test_axe_finds_nothing(browser: Chromium, reports: dict[str, Path], lang: str, scheme: str, width: int) -> None:
    assert axe_finds(browser, reports[lang], scheme, width) == []


def axe_finds(browser: Chromium, page: Path, scheme: str, width: int) -> Any:
    """What axe says against the page with everything unfolded."""
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    try:
        browser.open(page, width=width)
        browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        browser.run(axe + "; 1")
        return browser.run("""axe.run(document).then(r => r.violations.map(v =>
          [v.impact, v.id, v.nodes.length, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))""")
    finally:
        browser.call("Emulation.setEmulatedMedia", features=[])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing_in_a_trend(browser: Chromium, make: Any, tmp_path: Path, scheme: str, width: int) -> None:
    run = make.make_run({"v1": make.GOOD, "v2": make.BLIND_AT_NIGHT, "v3": make.BETTER}, 30)
    path = tmp_path / "report.html"
    path.write_text(html.render(*make.judged(run), picture, "en"), encoding="utf-8")
    assert axe_finds(browser, path, scheme, width) == []
    assert browser.run("document.documentElement.scrollWidth") == width
