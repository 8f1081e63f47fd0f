"""Rule `discovery`: no slice that nobody named is shown to have lost more than the margin."""

from __future__ import annotations

from dataclasses import replace

from pytest_damover.domain.rules.intervals import detectable, number_or_none, numbers_or_none
from pytest_damover.domain.rules.judged import JudgedSuite
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.rerun import rerun_suite
from pytest_damover.domain.scoring.significance import p_text
from pytest_damover.domain.slicing.discovery import Discovery, Suspect
from pytest_damover.domain.verdict import Answer, Finding

RULE = "discovery"


def judge_discovery(judged: JudgedSuite) -> tuple[Finding, ...]:
    """FAIL when the second half of the images confirms a loss over the margin that the first half suggested.

    PASS says only that none was confirmed. Nothing without a baseline or without the rule.
    """
    rule = judged.limits.discovery
    if rule is None or judged.alone:
        return ()
    found = next((one for one in judged.comparison.discoveries if one.suite == judged.suite.name), None)
    draft = Finding(
        rule=RULE,
        verdict=Answer.INCONCLUSIVE,
        reason=Reason.TOO_LITTLE.value,
        message="no weak spots were searched for",
        suite=judged.suite.name,
        limit=number_or_none(-rule.margin),
        n=0,
        rerun=rerun_suite(judged.run, judged.comparison, judged.suite.name),
    )
    if found is None:
        return (draft,)
    draft = replace(draft, n=found.tried)
    if not (found.tried and all(half > 0 for half in found.halves)):
        halves = " and ".join(str(half) for half in found.halves)
        message = f"no slice has {found.least} images in its half of the suite to be searched for ({halves} images)"
        return (replace(draft, message=message),)
    return (_told(draft, found),)


def _told(draft: Finding, found: Discovery) -> Finding:
    looked = (
        f"slices tried on {found.halves[0]} images: {found.tried}, "
        f"picked and tested on {found.halves[1]} others: {len(found.suspects)}"
    )
    if not found.confirmed:
        message = f"{looked}, no loss beyond {-found.limit:.3f} was confirmed"
        return replace(draft, verdict=Answer.PASS, reason=Reason.NO_WEAK_SPOT.value, message=message)
    worst = min(found.confirmed, key=lambda one: one.tested.difference or 0.0)
    told = "; ".join(_suspect(one) for one in found.confirmed)
    return replace(
        draft,
        verdict=Answer.FAIL,
        reason=Reason.WEAK_SPOT.value,
        message=f"{looked}, a loss beyond {-found.limit:.3f} is confirmed: {told}",
        value=number_or_none(worst.tested.difference),
        baseline=number_or_none(worst.tested.baseline),
        candidate=number_or_none(worst.tested.candidate),
        interval=(interval := numbers_or_none(worst.tested.interval)),
        confidence=number_or_none(found.confidence),
        detectable=detectable(interval, found.confidence),
        n=worst.tested.images,
    )


def _suspect(one: Suspect) -> str:
    low, high = one.tested.interval or (float("nan"), float("nan"))
    return (
        f"{' within '.join(reversed(one.spot))} {one.tested.difference:+.3f}, interval [{low:+.3f}, {high:+.3f}] "
        f"from {one.tested.images} images, p {p_text(one.p or 0.0)}"
    )
