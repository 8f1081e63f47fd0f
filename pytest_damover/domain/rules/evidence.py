"""Rules `evidence.*`: the least that must really have run."""

from __future__ import annotations

from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.verdict import Answer, Finding


def judge_evidence(judged: JudgedSuite) -> tuple[Finding, ...]:
    """Cases, distinct images and ground-truth objects of the cases that ran wherever they had to."""
    limits, cases = judged.policy.evidence, judged.complete_cases
    pinned = judged.suite.images  # copies of one picture are one picture
    images = {pinned.get(case.image_path, case.image_sha256 or case.image_path) for case in cases}
    objects = sum(truth.counts for case in cases for truth in case.expected.expected_boxes or ())
    return (
        _finding(judged, "cases", len(cases), limits.min_cases),
        _finding(judged, "images", len(images), limits.min_images),
        _finding(judged, "objects", objects, limits.min_objects),
        *(() if limits.device is None else (_device_finding(judged, limits.device),)),
    )


def _device_finding(judged: JudgedSuite, asked: str) -> Finding:
    """The plan's device, and that of everything that finished, are of the kind that the policy asks for."""
    found = {judged.run.plan.device} | {end.device for end in judged.run.journal.finished if end.device}
    others = sorted(device for device in found if device.partition(":")[0] != asked)
    return Finding(
        rule="evidence.device",
        verdict=Answer.INCONCLUSIVE if others else Answer.PASS,
        reason=(Reason.OTHER_DEVICE if others else Reason.ENOUGH).value,
        message=f"the policy asks for {asked}, the run was on {', '.join(others or sorted(found))}",
        suite=judged.suite.name,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name),
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
