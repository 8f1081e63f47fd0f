"""Everything right of the journal, made from plan and journal alone: verdict, report, summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_damover import documents, images, store
from pytest_damover.domain.comparison import Comparison
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.gate import compare_candidates, judge, planned_policies
from pytest_damover.domain.policy import policy_from_data
from pytest_damover.domain.run import Plan, Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.store import RunFolder

PICTURE_SIDE_PX = 480
PICTURE_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with its answer."""

    run: Run
    verdict: Verdict
    comparisons: tuple[Comparison, ...]


def judge_folder(folder: RunFolder, policy: Mapping[str, object] | None = None) -> Judged:
    """Judge a run folder by its own policies, or every suite by the data of another policy."""
    run = folder.read()
    _check_documents(run.plan)
    policies = planned_policies(run.plan)
    if policy is not None:
        policies = {suite.name: policy_from_data(policy) for suite in run.plan.suites}
    comparisons = compare_candidates(run, policies)
    return Judged(run, judge(run, comparisons, policies), comparisons)


def _check_documents(plan: Plan) -> None:
    """Policies and cases were read strictly when the run began; a plan that holds others was changed since."""
    for suite in plan.suites:
        where = f"plan.json: policy of {suite.name}"
        faults = () if suite.policy is None else documents.schema_faults(suite.policy, "policy", where, Code.RUN_FOLDER)
        for case in suite.cases:
            faults += documents.schema_faults(case.data, "case", f"plan.json: {case.source}", Code.RUN_FOLDER)
        if faults:
            raise DamoverError(*faults)


def write_report(folder: RunFolder, judged: Judged, project: Path, lang: str) -> None:
    """Write `report.html` and `summary.md`; pictures come from the suites under `project` where they are unchanged."""
    from pytest_damover.report import html, markdown

    pictures = _Pictures(judged.run, project)
    parts = (judged.run, judged.verdict, judged.comparisons)
    store.write_text(folder.report, html.render(*parts, pictures, lang))
    store.write_text(folder.summary, markdown.render(*parts, lang))


def remake(folder: RunFolder, project: Path, lang: str) -> Judged:
    """Judge a run folder and write its verdict, report and summary."""
    judged = judge_folder(folder)
    store.write_text(folder.verdict, judged.verdict.to_text())
    write_report(folder, judged, project, lang)
    return judged


def summary_lines(folder: RunFolder, judged: Judged, project: Path, lang: str, width: int) -> Sequence[tuple[str, str]]:
    """The terminal summary: at most 25 lines, each with the name of its style."""
    from pytest_damover.report import terminal

    report = folder.report.relative_to(project) if folder.report.is_relative_to(project) else folder.report
    return terminal.render(judged.run, judged.verdict, judged.comparisons, str(report), lang, width)


@dataclass(frozen=True, slots=True)
class _Pictures:
    run: Run
    project: Path

    def __call__(self, suite: str, case: str, /) -> bytes | None:
        found = self.run.cases.get((suite, case))
        if found is None:
            return None
        root = self.project / self.run.plan.suite(suite).root
        try:
            image = images.open_image(images.resolve_reference(root, found.image_path))
            if found.image_sha256 not in (None, image.sha256):
                return None
            return images.encode_jpeg(image.pixels, PICTURE_SIDE_PX, PICTURE_QUALITY)
        except DamoverError:
            return None
