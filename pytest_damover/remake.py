"""Everything right of the journal, made from plan and journal alone: verdict, report, summary, lists of results."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pytest_damover import documents, images, store, suites
from pytest_damover.domain.case import Box
from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.damage import records_of
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.gate import compare_candidates, judge, planned_policies
from pytest_damover.domain.journal import JOURNAL_SCHEMA, Journal
from pytest_damover.domain.plan_file import PLAN_SCHEMA, plan_from_data
from pytest_damover.domain.policy import policy_from_data
from pytest_damover.domain.run import Run, run_of
from pytest_damover.domain.verdict import Verdict
from pytest_damover.references import resolve_reference
from pytest_damover.store import RunFolder

PICTURE_QUALITY = 80
PLAN, JOURNAL = "plan.json", "journal.jsonl"


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with its answer."""

    run: Run
    verdict: Verdict
    comparisons: tuple[Comparison, ...]


def judge_folder(folder: RunFolder, policy: Mapping[str, object] | None = None) -> Judged:
    """Judge a run folder by its own policies, or every suite by the data of another policy."""
    return judge_run(read_run(folder), policy)


def judge_run(run: Run, policy: Mapping[str, object] | None = None) -> Judged:
    """Judge a run that has been read, by its own policies or every suite by the data of another policy."""
    policies = planned_policies(run.plan)
    if policy is not None:
        policies = {suite.name: policy_from_data(policy) for suite in run.plan.suites}
    with _nothing_to_collect():
        comparisons = compare_candidates(run, policies)
        return Judged(run, judge(run, comparisons, policies), comparisons)


def read_run(folder: RunFolder) -> Run:
    """The run in a folder, its files checked against their schemas; `DamoverError` when they are something else."""
    with _nothing_to_collect():
        return _checked_run(*folder.texts())


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """What is read, judged and told holds few cycles: looking for some again and again took a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _checked_run(plan_text: str, journal_text: str) -> Run:
    data = documents.parse_json(plan_text.encode(), PLAN, Code.RUN_FOLDER, ours=False)
    if isinstance(data, dict) and data.get("schema") == PLAN_SCHEMA:  # another one is refused by its number alone
        _check(_plan_faults(data))
    plan = plan_from_data(data, PLAN)
    records, damage = records_of(journal_text, documents.loads_unique)
    if records and records[0].get("schema") == JOURNAL_SCHEMA:
        _check(fault for number, record in enumerate(records) for fault in _record_faults(record, number))
    return run_of(plan, Journal.from_records(records, damage, JOURNAL), plan_text, journal_text)


def _check(faults: Iterable[Fault]) -> None:
    found = tuple(islice(faults, documents.MAX_FAULTS))
    if found:
        raise DamoverError(*found)


def _plan_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Policies, waivers and cases were read strictly when the run began; a plan that holds others was changed since."""
    faults = documents.schema_faults(data, "plan", PLAN, Code.RUN_FOLDER)
    yield from faults
    for suite in () if faults else data["suites"]:
        if suite["policy"] is not None:
            where = f"{PLAN}: policy of {suite['name']}"
            yield from documents.schema_faults(suite["policy"], "policy", where, Code.RUN_FOLDER)
        if (waivers := suite.get("waivers", {}).get("data")) is not None:
            yield from suites.waiver_faults(waivers, f"{PLAN}: waivers of {suite['name']}", Code.RUN_FOLDER)
        for source, _, case in suite["cases"]:
            yield from documents.schema_faults(case, "case", f"{PLAN}: {source}", Code.RUN_FOLDER)


def _record_faults(record: Mapping[str, Any], number: int) -> tuple[Fault, ...]:
    kind, kinds = record.get("kind"), documents.alternatives("journal")
    part = kind if isinstance(kind, str) and kind in kinds else kinds[0]
    return documents.schema_faults(record, "journal", f"{JOURNAL} record {number}", Code.RUN_FOLDER, part)


def write_report(folder: RunFolder, judged: Judged, project: Path, lang: str) -> None:
    """Write report, summary and lists of results; pictures come from the suites under `project` where unchanged."""
    from pytest_damover.report import benchmark, ctrf, html, junit, markdown

    pictures = _Pictures(judged.run, project)
    parts = (judged.run, judged.verdict, judged.comparisons)
    with _nothing_to_collect():
        store.write_text(folder.report, html.render(*parts, pictures, lang))
        store.write_text(folder.summary, markdown.render(*parts, lang))
        store.write_text(folder.junit, junit.render(judged.run, judged.verdict))
        store.write_text(folder.ctrf, ctrf.render(judged.run, judged.verdict))
        times = benchmark.render(judged.run)
    if times is not None:
        store.write_text(folder.benchmark, times)


def remake(folder: RunFolder, project: Path, lang: str) -> Judged:
    """Judge a run folder and write its verdict, report and summary."""
    judged = judge_folder(folder)
    store.write_text(folder.verdict, judged.verdict.to_text())
    write_report(folder, judged, project, lang)
    return judged


def summary_lines(
    folder: RunFolder, judged: Judged, project: Path, lang: str, width: int, verbosity: int = 0
) -> Sequence[tuple[str, str]]:
    """The terminal summary, each line with the name of its style: see `report.terminal.render`."""
    from pytest_damover.report import terminal

    report = folder.report.relative_to(project) if folder.report.is_relative_to(project) else folder.report
    return terminal.render(judged.run, judged.verdict, judged.comparisons, str(report), lang, width, verbosity)


def written_lines(judged: Judged, lang: str) -> Sequence[tuple[str, str]]:
    """Every golden that the run wrote, with the name of each line's style."""
    from pytest_damover.report import terminal

    return terminal.written(judged.run, lang)


@dataclass(frozen=True, slots=True)
class _Pictures:
    run: Run
    project: Path

    def __call__(self, suite: str, case: str, region: Box | None = None, /) -> bytes | None:
        from pytest_damover.report.pictures import PICTURE_SIDE_PX

        found = self.run.cases.get((suite, case))
        if found is None:
            return None
        planned = self.run.plan.suite(suite)
        root = self.project / planned.root
        try:
            image = images.open_image(resolve_reference(root, found.image_path))
            if (found.image_sha256 or planned.images.get(found.image_path)) not in (None, image.sha256):
                return None
            return images.encode_jpeg(_cut(image.pixels, region), PICTURE_SIDE_PX, PICTURE_QUALITY)
        except DamoverError:
            return None


def _cut(pixels: images.Pixels, region: Box | None) -> images.Pixels:
    """The pixels inside `region`; all of them without one, or where nothing would be left."""
    if region is None:
        return pixels
    x1, y1, x2, y2 = (int(value) for value in region)
    part = pixels[max(0, y1) : y2, max(0, x1) : x2]
    return part if part.size else pixels
