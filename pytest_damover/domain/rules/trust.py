"""Rule `revisions`: what ran are the bytes that were planned, and nothing ran code that nobody consented to."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.journal import FINISHED
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Answer, Finding

RULE = "revisions"


def judge_trust(run: Run, comparison: Comparison) -> tuple[Finding, ...]:
    """What is wrong with the bytes of either side; one PASS finding when nothing is. Identical ones were not loaded."""
    if comparison.identical:
        return ()
    sides = [side for side in (comparison.baseline, comparison.candidate) if side is not None]
    found = [finding for side in sides for finding in (*_consented(run, side), *_stayed_the_same(run, side))]
    if found:
        return tuple(found)
    files = sum(len(side.files) for side in sides)
    message = f"the files of {named(side.name for side in sides)} were the same before and after, by SHA-256"
    return (Finding(RULE, Answer.PASS, Reason.UNCHANGED.value, message, n=files),)


def _consented(run: Run, side: Revision) -> Iterator[Finding]:
    safety = run.plan.safety.get(side.name)
    if _was_loaded(run, side) and safety is not None and safety.executes_code and side.name not in run.plan.consents:
        message = (
            f"{side.name} executes code when it is loaded, and nobody consented: {named(map(str, safety.reasons))}"
        )
        yield Finding(RULE, Answer.ERROR, Reason.NO_CONSENT.value, message)


def _stayed_the_same(run: Run, side: Revision) -> Iterator[Finding]:
    seen = [faults for name, faults in run.journal.verified if name == side.name]
    changed = [fault for faults in seen for fault in faults]
    if changed:
        message = f"{side.name} changed while it was judged: {named(changed)}"
        yield Finding(RULE, Answer.INCONCLUSIVE, Reason.REVISION_CHANGED.value, message)
    if _was_loaded(run, side) and not seen and run.journal.ended == FINISHED:  # an interrupted run says so itself
        message = f"nobody looked whether {side.name} was still the same after the run"
        yield Finding(RULE, Answer.INCONCLUSIVE, Reason.NOT_VERIFIED.value, message)


def _was_loaded(run: Run, side: Revision) -> bool:
    """The journal says so, or holds what only a loaded revision can have found."""
    if any(name == side.name for name, _ in run.journal.loads):
        return True
    ends = (run.finished.get(item.key) for item in run.plan.items if item.revision == side.name)
    return any(end is not None and (end.detections is not None or end.pairs_ns) for end in ends)
