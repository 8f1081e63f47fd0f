"""The weak spots of a candidate, suite by suite: what a search beyond the slices of the policy finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pytest_damover.domain.comparison import REPORT_ONLY, Change, Comparison
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.discovery import Discovery, discover
from pytest_damover.domain.journal import Finished
from pytest_damover.domain.policy import Policy
from pytest_damover.domain.run import DETECT, Run
from pytest_damover.domain.slices import ScoredImage, readable_detections


def with_weak_spots(run: Run, comparison: Comparison, policies: Mapping[str, Policy]) -> Comparison:
    """`comparison` with a search for each suite that has a policy; as it was where there are no two sides to compare.

    A policy without `[discovery]` has the losses tested against none at all, for the reader.
    """
    if comparison.baseline is None or comparison.identical:
        return comparison
    suites = [suite.name for suite in run.plan.suites if suite.name in policies]
    return replace(comparison, discoveries=tuple(_search(run, comparison, name, policies[name]) for name in suites))


def _search(run: Run, comparison: Comparison, suite: str, policy: Policy) -> Discovery:
    limit = 0.0 if policy.discovery is None else -policy.discovery.margin
    rule = policy.ap50 or REPORT_ONLY
    return discover(suite, _images(run, comparison, suite), policy.evidence.min_slice_images, limit, rule)


def _images(run: Run, comparison: Comparison, suite: str) -> dict[str, ScoredImage]:
    return {
        case.case: ScoredImage(
            truths, case.all_slices, _detections(case.baseline), _detections(case.candidate), known.group
        )
        for case in comparison.cases
        if case.suite == suite and case.probe == DETECT and case.change is not Change.INCOMPLETE
        and (known := run.cases.get((case.suite, case.case))) is not None
        and (truths := known.expected.expected_boxes) is not None
    }  # fmt: skip


def _detections(finished: Finished | None) -> Detections | None:
    return None if finished is None else readable_detections(finished.detections)
