"""Where the time of a call goes, in the report and in the terminal: a gain that is all in postprocess can be seen."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from pytest_damover import remake, store
from pytest_damover.domain.gate import compare_candidates, judge, planned_policies
from pytest_damover.domain.timing.phases import PhaseTimes
from pytest_damover.domain.timing.race_conditions import RaceConditions
from pytest_damover.domain.timing.race_times import RaceTimes
from pytest_damover.report import terminal
from pytest_damover.report.views.latency import latency_views, phase_lines
from pytest_damover.report.words import words_in

FOLDER = Path(__file__).parents[1] / "data" / "runs" / "race-phases"
WIDTH = 80


@pytest.fixture(scope="module")
def judged() -> remake.Judged:
    return remake.judge_folder(store.open_run_folder(FOLDER))


def test_the_view_has_each_phase_with_its_ratio_and_interval(judged: remake.Judged) -> None:
    (view,) = latency_views(judged.comparisons[0].latencies, (), words_in("en"))
    assert [phase["name"] for phase in view["phases"]] == ["preprocess", "forward", "postprocess"]
    assert [phase["ratio"] for phase in view["phases"]] == ["1.00×", "1.00×", "0.50×"]
    assert view["phases"][2]["interval"] == "0.50× … 0.50×"
    assert (view["phases"][2]["baseline"], view["phases"][2]["candidate"]) == ("0.50 ms", "0.25 ms")
    assert view["decode"] == "1.00 ms"


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "postprocess: 0.50 ms → 0.25 ms"), ("zh", "后处理: 0.50 ms → 0.25 ms")]
)
def test_the_terminal_says_it_in_a_line_each(judged: remake.Judged, lang: str, said: str) -> None:
    lines = terminal.render(judged.run, judged.verdict, judged.comparisons, "report.html", lang, WIDTH)
    assert any(f"{said} (0.50×, 0.50× … 0.50×)" in line.text for line in lines)


def test_a_race_without_phases_says_nothing_of_them(judged: remake.Judged) -> None:
    plain = dataclasses.replace(judged.comparisons[0].latencies[0], phases=(), decode_ms=None)
    assert phase_lines(plain, words_in("en")) == []
    (view,) = latency_views((plain,), (), words_in("en"))
    assert (view["phases"], view["decode"]) == ([], "")


def test_a_phase_that_is_no_number_is_shown_as_none(judged: remake.Judged) -> None:
    broken = PhaseTimes("forward", math.nan, math.nan, math.nan, None)
    race = dataclasses.replace(judged.comparisons[0].latencies[0], phases=(broken,))
    assert phase_lines(race, words_in("en")) == ["forward: NaN ms → NaN ms (NaN×)"]


def test_phases_change_no_finding(judged: remake.Judged) -> None:
    """The same folder without its phases: the same verdict, finding by finding."""
    run = judged.run
    ends = tuple(
        end if end.race is None else dataclasses.replace(end, race=dataclasses.replace(end.race, times=RaceTimes()))
        for end in run.journal.finished
    )
    assert ends != run.journal.finished
    without = dataclasses.replace(run, journal=dataclasses.replace(run.journal, finished=ends))
    policies = planned_policies(run.plan)
    verdict = judge(without, compare_candidates(without, policies), policies)
    assert verdict.candidates[0].findings == judged.verdict.candidates[0].findings


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "Run in 8 heats with fresh processes, both sides on one core in each (cores 0, 1). "
            "Load average a core: 0.50 … 1.25. "
            "Calls were taken anew because another process had the core: 6 times the baseline's, 7 times the "
            "candidate's. 1 block of calls was thrown away and taken anew, because its clock moved or was throttled.",
        ),
        (
            "zh",
            "共 8 轮，每轮均启用新进程，两侧在同一核心上执行（核心 0, 1）。每核心平均负载 0.50 … 1.25。"
            "因核心被其他进程占用而重测：基线 6 次，候选 7 次。因主频变化或降频丢弃并重测 1 块。",
        ),
    ],
)
def test_the_page_says_what_a_race_ran_under(judged: remake.Judged, lang: str, said: str) -> None:
    ran = RaceConditions(8, thrown_away=1, load=(0.5, 1.25), cores=(0, 1), crowded=(6, 7))
    race = dataclasses.replace(judged.comparisons[0].latencies[0], conditions=ran)
    (view,) = latency_views((race,), (), words_in(lang))
    assert view["ran"] == said


def test_of_what_nobody_could_tell_the_page_says_nothing(judged: remake.Judged) -> None:
    race = judged.comparisons[0].latencies[0]
    (plain,) = latency_views(
        (dataclasses.replace(race, conditions=RaceConditions(1, load=(0.7, 0.7))),), (), words_in("en")
    )
    (untold,) = latency_views((dataclasses.replace(race, conditions=None),), (), words_in("en"))
    assert (plain["ran"], untold["ran"]) == ("Run in 1 heat. Load average a core: 0.70.", "")
