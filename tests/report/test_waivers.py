"""Waivers in the report, the summary and the terminal, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_damover import remake, store
from pytest_damover.report import html, markdown, terminal
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.views.waivers import expiring, used, waiver_rows
from pytest_damover.report.words import words_in

RUNS = Path(__file__).parents[1] / "data/runs"
TITLES = {"en": "Waivers", "zh": "豁免"}


def judged(name):
    found = remake.judge_folder(store.open_run_folder(RUNS / name))
    return found.run, found.verdict, found.comparisons


@pytest.mark.parametrize("lang", TITLES)
@pytest.mark.parametrize("name", ["waived-case", "waived-rule"])
def test_g10_a_used_waiver_is_told_with_owner_day_and_reason(name, lang):
    parts = judged(name)
    page, summary = html.render(*parts, no_pictures, lang), markdown.render(*parts, lang)
    shown = "\n".join(line.text for line in terminal.render(*parts, "report.html", lang, 200))
    assert f'<section class="card" id="waivers"><h2>{TITLES[lang]}</h2>' in page
    assert f"### {TITLES[lang]} (1)" in summary
    for text in (page, summary, shown):
        assert "W-1" in text
        assert "2026-01-31" in text
        assert "labelled wrongly" in text
        assert "30" in text
    assert "li.wei@example.com" in page
    assert "li.wei@example.com" in shown


@pytest.mark.parametrize("lang", TITLES)
@pytest.mark.parametrize("name", ["waiver-expired", "waiver-ownerless", "waiver-reasonless", "waiver-unused"])
def test_g10_one_that_is_not_used_is_listed_and_not_called_used(name, lang):
    words = words_in(lang)
    _, verdict, _ = judged(name)
    (row,) = waiver_rows(verdict, words)
    assert (row["id"], row["answer"], row["covered"]) == ("W-1", "FAIL", words("waivers.nothing"))
    assert used(verdict, words) == ("", [])
    assert (row["left"] == words("waivers.expired")) is (name == "waiver-expired")
    assert (row["owner"] == words("waivers.nobody")) is (name == "waiver-ownerless")
    assert (row["reason"] == words("waivers.no_reason")) is (name == "waiver-reasonless")


def test_g10_days_left_are_counted_from_the_day_of_the_plan():
    words = words_in("en")
    assert expiring(judged("waived-case")[1], words) == []
    assert expiring(judged("waiver-expired")[1], words) == []


def test_g10_a_page_without_waivers_has_no_section_for_them():
    parts = judged("clean")
    assert 'id="waivers"' not in html.render(*parts, no_pictures, "en")
    assert "Waiver" not in markdown.render(*parts, "en")


def test_g10_chinese_says_what_a_finding_rests_on():
    page = html.render(*judged("waived-rule"), no_pictures, "zh")
    assert "整体超出限值 1.10×。豁免：W-1。" in page
    assert "豁免 W-1 已生效，放行 1 项。" in page
