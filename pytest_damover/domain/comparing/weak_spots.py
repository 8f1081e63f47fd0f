"""The weak spots of a candidate, suite by suite: what a search beyond the slices of the policy finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pytest_damover.domain.comparing.comparison import REPORT_ONLY, Comparison, scored
from pytest_damover.domain.policy import Policy
from pytest_damover.domain.run import Run
from pytest_damover.domain.slicing.discovery import Discovery, discover


def with_weak_spots(run: Run, comparison: Comparison, policies: Mapping[str, Policy]) -> Comparison:
    """`comparison` with a search for each suite that has a policy; as it was where there are no two sides to compare.

    A policy without `[discovery]` has the losses tested against none at all, for the reader.
    """
    if comparison.baseline is None or comparison.identical:
        return comparison
    suites = [suite.name for suite in run.plan.suites if suite.name in policies]
    return replace(comparison, discoveries=tuple(_search(comparison, name, policies[name]) for name in suites))


def _search(comparison: Comparison, suite: str, policy: Policy) -> Discovery:
    limit = 0.0 if policy.discovery is None else -policy.discovery.margin
    rule = policy.ap50 or REPORT_ONLY
    images = {image.case.name: scored(image) for image in comparison.images.get(suite, ())}
    return discover(suite, images, policy.evidence.min_slice_images, limit, rule)
