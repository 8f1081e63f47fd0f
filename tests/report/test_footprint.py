"""What each revision takes beside its time: which numbers are told, and how long their bars are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_damover.domain.journal import ItemOutcome
from pytest_damover.domain.run import Run
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.report import html
from pytest_damover.report.pictures import no_pictures
from pytest_damover.report.views.footprint import footprint
from pytest_damover.report.words import words_in

EN = words_in("en")
LOADS = (
    ("v1.0.0", {"load_ns": 200_000_000, "parameters": 667_405}),
    ("v1.0.0", {"load_ns": 100_000_000, "parameters": 667_405}),
    ("v1.0.0", {"load_ns": 120_000_000, "parameters": 667_405}),
    ("v2.0.0", {"load_ns": 240_000_000, "parameters": 1_334_810}),
)
RACE = RaceConditions(
    2, peak_bytes=(600_000_000, 300_000_000), peaks_bytes=((610_000_000, 280_000_000), (600_000_000, 300_000_000)),
    gpu_peak_bytes=(2_000_000_000, 1_000_000_000), gpu_peaks_bytes=((2_000_000_000, 1_000_000_000),),
)  # fmt: skip


def with_race(run: Run, race: RaceConditions | None = RACE, loads: Any = LOADS, **fields: Any) -> Run:
    ends = tuple(replace(end, race=race, **fields) if end.pairs_ns else end for end in run.journal.finished)
    return Run(run.plan, replace(run.journal, finished=ends, loads=loads), run.plan_digest, run.journal_digest)


def rows(run: Run, words: Any = EN) -> dict[str, Any]:
    return footprint(run, run.plan.revisions, words)


def cells(run: Run) -> dict[str, list[Any]]:
    told = rows(run)
    return {title: [row["cells"][place] for row in told["rows"]] for place, title in enumerate(told["columns"])}


def test_every_number_of_a_race_in_children(failing: Any) -> None:
    told = cells(with_race(failing[0]))
    texts = {title: [cell["text"] for cell in column] for title, column in told.items()}
    assert texts == {
        "Peak memory": ["600.0 MB", "300.0 MB"],
        "Load time": ["120.0 ms", "240.0 ms"],
        "File size": ["2.32 MB", "2.32 MB"],
        "Parameters": ["667,405", "1,334,810"],
    }
    assert [cell["n"] for cell in told["Peak memory"]] == [2, 2]
    assert [cell["n"] for cell in told["Load time"]] == [3, 0]  # one measurement is no distribution
    before, after = told["Parameters"]
    assert after["bar"] == pytest.approx(2 * before["bar"], abs=0.2)
    memory = told["Peak memory"][0]
    assert memory["dots"][0] > memory["dots"][1] == pytest.approx(memory["bar"] + 2, abs=0.2)


def test_on_a_gpu_it_is_the_gpus_memory(failing: Any) -> None:
    told = cells(with_race(failing[0], device="cuda:0"))
    assert [cell["text"] for cell in told["Peak memory"]] == ["2000.0 MB", "1000.0 MB"]


@pytest.mark.parametrize(
    ("race", "fields"), [(None, {}), (RaceConditions(2), {}), (RACE, {"outcome": ItemOutcome.FAILED})]
)
def test_what_was_not_measured_has_no_column(failing: Any, race: Any, fields: Any) -> None:
    told = rows(with_race(failing[0], race, (), **fields))
    assert (told["columns"], told["notes"]) == (["File size"], [])


def test_the_notes_say_that_memory_has_no_interval(failing: Any) -> None:
    memory, load = rows(with_race(failing[0]))["notes"]
    assert "no interval" in memory
    assert "median" in load
    assert "没有置信区间" in rows(with_race(failing[0]), words_in("zh"))["notes"][0]


def test_a_number_that_no_machine_has_is_none(failing: Any) -> None:
    told = cells(
        with_race(failing[0], RaceConditions(1, peak_bytes=(10**400, 10**400)), (("v1.0.0", {"load_ns": 10**400}),))
    )
    assert list(told) == ["File size"]


def test_a_peak_that_is_no_count_is_refused() -> None:
    for wrong in ([[1]], [[1, -1]], [[1, 2.5]], [[1, None]], 7):
        with pytest.raises((ValueError, TypeError)):
            RaceConditions.from_json({"heats": 1, "peaks_bytes": wrong})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_it_and_marks_the_baseline(failing: Any, lang: str) -> None:
    run, verdict, comparisons = failing
    text = html.render(with_race(run), verdict, comparisons, no_pictures, lang)
    section = text[text.index('id="footprint"') :]
    section = section[: section.index("</section>")]
    assert section.count("b-bar") == 4
    assert section.count("c-bar") == 4
    assert "600.0 MB" in section
