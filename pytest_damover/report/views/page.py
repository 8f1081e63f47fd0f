"""The whole page as plain data, in the order in which it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.diagnosing.diagnosis import SuiteDiagnosis
from pytest_damover.domain.run import DETECT, Run
from pytest_damover.domain.verdict import CandidateVerdict, Verdict
from pytest_damover.report.numbers import ratio, signed
from pytest_damover.report.pictures import Album, Pictures
from pytest_damover.report.views import provenance
from pytest_damover.report.views.anatomy import anatomy
from pytest_damover.report.views.cases import case_links, case_table, named, test_table
from pytest_damover.report.views.errors import error_views
from pytest_damover.report.views.findings import finding_rows
from pytest_damover.report.views.flips import flips_view
from pytest_damover.report.views.footprint import footprint
from pytest_damover.report.views.gallery import gallery, links_to
from pytest_damover.report.views.goldens import goldens
from pytest_damover.report.views.latency import latency_views
from pytest_damover.report.views.matrix import matrices, state_counts
from pytest_damover.report.views.running import running
from pytest_damover.report.views.slices import slice_tables
from pytest_damover.report.views.states import states
from pytest_damover.report.views.summary import identity, verdict_summary
from pytest_damover.report.views.trend import Step, in_order, trend
from pytest_damover.report.views.waivers import waiver_rows
from pytest_damover.report.views.weak_spots import weak_spots
from pytest_damover.report.words import Words


def page(
    run: Run,
    verdict: Verdict,
    comparisons: Sequence[Comparison],
    pictures: Pictures,
    words: Words,
    diagnoses: Sequence[Sequence[SuiteDiagnosis]] = (),
) -> dict[str, Any]:
    """Everything that the templates draw; `diagnoses` has an entry for each of the comparisons, or nothing."""
    several = len(verdict.candidates) > 1
    summary = verdict_summary(run, verdict, words)
    sections = []
    for number, candidate in enumerate(verdict.candidates, start=1):
        prefix = f"c{number}-" if several else ""
        section = _candidate_section(verdict, candidate, prefix, words)
        comparison = comparison_of(candidate, comparisons)
        album = Album(pictures, len(verdict.candidates))
        compared = _NOTHING if comparison is None else _compared(run, candidate, comparison, album, prefix, words)
        known = {"summary": summary["candidates"][number - 1], "anatomy": anatomy(run.plan, candidate.revision, words)}
        told = (
            next((one for one, of in zip(diagnoses, comparisons, strict=True) if of is comparison), ())
            if diagnoses
            else ()
        )
        sections.append(section | compared | known | {"errors": error_views(told, words)})
    steps = _steps(verdict, comparisons)
    return {
        "lang": "zh-CN" if words.lang == "zh" else words.lang,
        "run_id": run.plan.run_id,
        "created_at": run.plan.created_at,
        "device": run.plan.device,
        "summary": summary,
        "several": several,
        "trend": trend(steps, [suite.name for suite in run.plan.suites], words),
        "footprint": footprint(run, [step.revision for step in in_order(steps)[1]], words),
        "paired": verdict.baseline is not None,
        "sections": sections,
        "protocol": provenance.protocol_rows(run, words),
        "environment": provenance.environment_rows(run),
        "running": running(run, words),
        "waivers": waiver_rows(verdict, words),
        "goldens": goldens(run, words),
        "policies": provenance.policies(run),
        "digests": provenance.digests(verdict, words),
        "remake": provenance.remake(run),
    }


def comparison_of(candidate: CandidateVerdict, comparisons: Sequence[Comparison]) -> Comparison | None:
    """The comparison of that candidate, None when nothing could be compared."""
    wanted = (candidate.revision.name, candidate.revision.digest)
    return next((one for one in comparisons if (one.candidate.name, one.candidate.digest) == wanted), None)


def measured(comparison: Comparison) -> dict[str, str]:
    """The two numbers of the table of candidates: AP50 difference overall, and the latency ratio."""
    overall = [entry.difference for entry in comparison.slices if entry.slice is None and entry.metric == "ap50"]
    races = [race.ratio for race in comparison.latencies]
    return {
        "ap50": " / ".join(signed(one) for one in overall) or signed(None),
        "latency": " / ".join(ratio(one) for one in races) or ratio(None),
    }


def _steps(verdict: Verdict, comparisons: Sequence[Comparison]) -> list[Step]:
    baseline = [] if verdict.baseline is None else [Step(verdict.baseline)]
    return baseline + [
        Step(one.revision, one.verdict.value, comparison_of(one, comparisons), one.findings, f"c{number}-candidate")
        for number, one in enumerate(verdict.candidates, start=1)
    ]


def _candidate_section(verdict: Verdict, candidate: CandidateVerdict, prefix: str, words: Words) -> dict[str, Any]:
    return {
        "prefix": prefix,
        **identity(candidate.revision),
        "findings": finding_rows(candidate.findings, words),
        "files": provenance.file_table(verdict.baseline, candidate.revision),
    }


def _compared(
    run: Run, candidate: CandidateVerdict, comparison: Comparison, album: Album, prefix: str, words: Words
) -> dict[str, Any]:
    told = states(comparison)
    shown = gallery(run, told, comparison, album, prefix, words)
    cards = links_to(shown)
    table = case_table(told, cards, prefix, words)
    ran = any(case.probe == DETECT for case, _ in told)
    return {
        "measured": measured(comparison),
        "flips": flips_view(comparison, case_links(table) | cards, words),
        "slices": slice_tables(comparison, candidate.findings, words),
        "weak_spots": weak_spots(comparison, words),
        "states": state_counts(told, words),
        "matrices": matrices(told, cards, words),
        "gallery": shown if ran else None,
        "cases": table if ran else None,
        "tests": test_table(told, words),
        "fixed": named(told, "fixed", words),
        "known": named(told, "known", words),
        "incomplete": named(told, "incomplete", words),
        "latency": latency_views(comparison.latencies, candidate.findings, words),
    }


_NOTHING: dict[str, Any] = {
    "measured": {"ap50": signed(None), "latency": ratio(None)},
    "flips": None,
    "slices": [], "weak_spots": [], "states": [], "matrices": [], "gallery": None, "cases": None, "tests": [],
    "fixed": None, "known": None, "incomplete": None, "latency": [],
}  # fmt: skip
