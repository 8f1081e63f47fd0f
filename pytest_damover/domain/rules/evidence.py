"""Rules `evidence.*`: the least that must really have run."""

from __future__ import annotations

from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.verdict import Answer, Finding


def judge_evidence(judged: JudgedSuite) -> tuple[Finding, ...]:
    """Cases, distinct images and ground-truth objects of the cases that ran wherever they had to."""
    limits, cases = judged.policy.evidence, judged.complete_cases
    images = {case.image_sha256 or case.image_path for case in cases}
    objects = sum(len(case.expected.expected_boxes or ()) for case in cases)
    return (
        _finding(judged, "cases", len(cases), limits.min_cases),
        _finding(judged, "images", len(images), limits.min_images),
        _finding(judged, "objects", objects, limits.min_objects),
    )


def _finding(judged: JudgedSuite, what: str, count: int, limit: int) -> Finding:
    enough = count >= limit
    return Finding(
        rule=f"evidence.{what}",
        verdict=Answer.PASS if enough else Answer.INCONCLUSIVE,
        reason=(Reason.ENOUGH if enough else Reason.TOO_LITTLE).value,
        message=f"{count} {what} were judged {judged.both_sides}, at least {limit} are needed",
        suite=judged.suite.name,
        value=count,
        limit=limit,
        n=count,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name),
    )
