"""The report on paper: A4, the first sheet is the one that is signed, and nothing is cut off."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from pytest_damover.report import html
from pytest_damover.report.views.summary import headline
from pytest_damover.report.words import words_in
from tests.report.chromium import Chromium, Pages, needs_chromium, picture
from tests.report.paper import pages, sizes_pt

pytestmark = [pytest.mark.slow, needs_chromium]
A4_PT = (595.28, 841.89)
WIDTH_PX = 695
"""What is left of A4 between the margins of style.css, at 96 px an inch."""

HTML_ELEMENTS = "Array.from(document.querySelectorAll('body *')).filter(e => !e.closest('svg'))"
TOO_WIDE = "e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 0.5"
CUT_OFF = """getComputedStyle(e).overflow !== 'visible' &&
  (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)"""


def plain(text: str) -> str:
    """Without blanks, and with the characters that a font draws for others taken back."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def printed(browser: Chromium, page: Any) -> list[str]:
    browser.open(page)
    pdf = browser.pdf()
    assert all(abs(a - b) < 1 for size in sizes_pt(pdf) for a, b in zip(size, A4_PT, strict=True))
    return [plain(text) for text in pages(pdf)]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("answer", ["FAIL", "PASS", "INCONCLUSIVE"])
def test_the_first_sheet_has_the_verdict_and_the_place_to_sign(
    browser: Chromium, reports: Pages, make: Any, lang: str, answer: str
) -> None:
    first, *rest = printed(browser, reports[answer][lang])
    words = words_in(lang)
    _, verdict, _ = make.told(answer)
    candidate = verdict.candidates[0]
    wanted = [answer, headline(candidate, verdict.baseline, words), candidate.revision.digest, verdict.baseline.digest]
    wanted += [words(f"signoff.{one}") for one in ("author", "approver", "signature", "date", "promote", "hold")]
    wanted += [words("banner.interrupted.title")] if answer == "INCONCLUSIVE" else []
    assert [one for one in wanted if plain(one) not in first] == []
    assert 2 <= len(rest) <= 40
    # CSS numbers the sheets: the last one knows how many there are
    assert [page.find(f"{number}/{len(rest) + 1}") >= 0 for number, page in enumerate([first, *rest], 1)] == [True] * (
        len(rest) + 1
    )


def test_nothing_of_the_page_is_lost_on_paper(browser: Chromium, reports: Pages, make: Any) -> None:
    text = "".join(printed(browser, reports["FAIL"]["en"]))
    run, verdict, _ = make.told("FAIL")
    for finding in verdict.candidates[0].findings:
        assert finding.rule in text
    files = {entry.path for one in run.plan.revisions for entry in one.files}
    assert [one for one in (*files, verdict.plan_digest, verdict.journal_digest) if plain(one) not in text] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("answer", ["FAIL", "PASS", "INCONCLUSIVE", "ERROR"])
def test_nothing_is_wider_than_the_sheet_or_cut_off(browser: Chromium, reports: Pages, lang: str, answer: str) -> None:
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        browser.open(reports[answer][lang], width=WIDTH_PX)
        wide, cut = (
            browser.run(f"{HTML_ELEMENTS}.filter(e => {one}).map(e => e.outerHTML.slice(0, 200))")
            for one in (TOO_WIDE, CUT_OFF)
        )
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
    assert (wide, cut) == ([], [])


def test_several_candidates_have_a_place_each(browser: Chromium, make: Any, tmp_path: Any) -> None:
    run = make.make_run({"v1": make.GOOD, "v2": make.BLIND_AT_NIGHT, "v3": make.BETTER}, 30)
    path = tmp_path / "several.html"
    path.write_text(html.render(*make.judged(run), picture, "en"), encoding="utf-8")
    sheets = printed(browser, path)
    signed = [number for number, text in enumerate(sheets) if "Approvedby" in text]
    assert len(signed) == 1
    assert signed[0] <= 1
    assert all(plain(f"decide for {name}:") in sheets[signed[0]] for name in ("v2", "v3"))
