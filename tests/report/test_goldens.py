"""The section that tells of goldens, as data, in both languages and in the terminal."""

from __future__ import annotations

import dataclasses

import pytest

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.golden_result import GoldenOutcome, GoldenResult, Tolerance
from pytest_damover.domain.journal import Orphans
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.terminal import written
from pytest_damover.report.views.goldens import goldens
from pytest_damover.report.words import words_in

FILE = "v1/cases/a.cpu.fp32.json"
PATH = f"golden/phone/{FILE}"


@pytest.fixture
def run(failing: tuple[Run, Verdict, tuple[Comparison, ...]]) -> Run:
    return failing[0]


def result(outcome: str, **more: object) -> GoldenResult:
    return GoldenResult("a", GoldenOutcome(outcome), FILE, **more)  # type: ignore[arg-type]


def run_with(run: Run, *results: GoldenResult, orphans: tuple[Orphans, ...] = ()) -> Run:
    """The run, its first item held to goldens."""
    first, *rest = run.journal.finished
    ends = (dataclasses.replace(first, goldens=results), *rest)
    journal = dataclasses.replace(run.journal, finished=ends, orphans=orphans)
    return Run(run.plan, journal, run.plan_digest, run.journal_digest)


def test_a_run_without_goldens_has_no_section(run: Run) -> None:
    assert goldens(run, words_in("en")) is None


@pytest.mark.parametrize(
    ("lang", "counts"),
    [("en", "1 match · 1 drifted · 1 missing"), ("zh", "1 个一致 · 1 个漂移 · 1 个缺失")],
)
def test_the_outcomes_are_counted_and_the_loud_ones_listed_drift_first(run: Run, lang: str, counts: str) -> None:
    shown = run_with(run, result("match"), result("missing"), result("drift", differences=("gone",)))
    told = goldens(shown, words_in(lang))
    assert told is not None
    assert told["counts"] == counts
    assert [(row["outcome"], row["differences"]) for row in told["rows"]] == [("drift", ["gone"]), ("missing", [])]
    assert told["rows"][0]["file"] == PATH


def test_what_is_let_pass_for_a_reason_is_listed_once(run: Run) -> None:
    loose = result("match", tolerance=Tolerance(3.0, 0.05, "it wobbles"))
    told = goldens(run_with(run, loose, loose, result("match")), words_in("en"))
    assert told is not None
    assert told["looser"] == [{"file": PATH, "told": "3 px, score 0.05", "reason": "it wobbles"}]


def test_what_was_compared_though_it_did_not_fit_is_counted_by_how(run: Run) -> None:
    other = result("match", inexact="accepted on cuda fp16, this ran on cpu fp32")
    told = goldens(run_with(run, other, other, result("match")), words_in("en"))
    assert told is not None
    assert told["inexact"] == ["accepted on cuda fp16, this ran on cpu fp32 (2)"]


def test_orphans_are_listed_where_nothing_was_compared_and_what_is_not_known_is_said(run: Run) -> None:
    told = goldens(run_with(run, orphans=(Orphans("phone", (FILE,), "test_x did not run"),)), words_in("en"))
    assert told is not None
    assert (told["orphans"], told["counts"]) == ([PATH], "none was asked for")
    assert told["unknown"][0].endswith("is not known: test_x did not run")


def test_every_golden_that_was_written_is_named_and_no_label_is_obeyed(run: Run) -> None:
    lines = written(run_with(run, result("written", differences=("\x1b[31m::error::phone\nis new",))), "en")
    texts = [line.text for line in lines]
    assert texts[0] == "Goldens: 1 written"
    assert texts[1].startswith(f"  {PATH} (")
    assert "is new" in texts[2]
    assert all(text.isprintable() for text in texts)
