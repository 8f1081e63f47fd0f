"""The verdict: the whole answer, and the findings that are its reasons."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pytest_damover.domain.revision import Revision
from pytest_damover.domain.waiver import Waiver

VERDICT_SCHEMA = 1


class Answer(str, Enum):
    """The four answers, in the order in which they win over each other."""

    ERROR = "ERROR"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    PASS = "PASS"

    @property
    def exit_code(self) -> int:
        """What the process returns."""
        return {Answer.PASS: 0, Answer.FAIL: 1, Answer.INCONCLUSIVE: 20, Answer.ERROR: 21}[self]


class Action(str, Enum):
    """What it means that a rule is broken: the candidate is stopped, people are warned, or it is only told."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


_ORDER = tuple(Answer)


def worst(answers: Iterable[Answer]) -> Answer:
    """The answer that wins; no answer at all is INCONCLUSIVE, for nothing was shown."""
    return min(answers, key=_ORDER.index, default=Answer.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason of a verdict.

    `rule` is the rule's stable name (`ap50`, `regressions.critical`, `latency`, `evidence.cases`, …), `reason` a stable
    word for what happened, `message` the same in a sentence. `value` is what was measured (for a difference: candidate
    minus baseline, for latency: candidate over baseline), `candidate` and `baseline` the two sides where there are two,
    `limit` what the policy allows, `interval` the confidence interval of `value`, `n` how many images, cases or pairs
    it rests on; `label` says which objects it is about where not all are; `detectable` is the least true change that so
    many would have shown with a power of 80 %; `rerun` is the command that runs just that again; `at` says from which
    score on detections counted, where the policy can choose that ("case", "native", "shared" or a score). An `action`
    other than BLOCK keeps the finding out of the verdict. `waivers` are the ids of those without which it would have
    come out otherwise, or count more.
    """

    rule: str
    verdict: Answer
    reason: str
    message: str
    suite: str = ""
    slice: str | None = None
    value: float | None = None
    baseline: float | None = None
    candidate: float | None = None
    limit: float | None = None
    interval: tuple[float, float] | None = None
    confidence: float | None = None
    n: int | None = None
    rerun: str = ""
    detectable: float | None = None
    action: Action = Action.BLOCK
    waivers: tuple[str, ...] = ()
    label: str | None = None
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data for `verdict.json`."""
        about = {} if self.label is None else {"label": self.label}
        return {
            "rule": self.rule,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "message": self.message,
            "suite": self.suite,
            "slice": self.slice,
            **about,
            "value": self.value,
            "baseline": self.baseline,
            "candidate": self.candidate,
            "limit": self.limit,
            "interval": self.interval,
            "confidence": self.confidence,
            "n": self.n,
            "rerun": self.rerun,
            "detectable": self.detectable,
            "action": self.action.value,
            "at": self.at,
            **({"waivers": self.waivers} if self.waivers else {}),
        }


def worst_that_blocks(findings: Iterable[Finding]) -> Answer:
    """The answer that wins among the findings that count; none at all is INCONCLUSIVE."""
    return worst(finding.verdict for finding in findings if finding.action is Action.BLOCK)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items were planned and what became of them; `failed` includes items that ended in an error."""

    planned: int
    run: int
    passed: int
    failed: int
    skipped: int
    missing: int


@dataclass(frozen=True, slots=True)
class CandidateVerdict:
    """The answer for one candidate."""

    revision: Revision
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Answer:
        """The worst of the findings that block."""
        return worst_that_blocks(self.findings)


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """What became of one waiver in this run: `covered` are the things it let through, each as (candidate, what)."""

    suite: str
    waiver: Waiver
    days_left: int
    covered: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data for `verdict.json`."""
        return {
            "suite": self.suite,
            "id": self.waiver.id,
            "owner": self.waiver.owner,
            "reason": self.waiver.reason,
            "expires": self.waiver.expires.isoformat(),
            "days_left": self.days_left,
            "scope": str(self.waiver.scope),
            "candidates": self.waiver.scope.candidates,
            "covered": [{"candidate": candidate, "what": what} for candidate, what in self.covered],
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole answer of a run; `waivers` are all that the plan holds, used or not."""

    run_id: str
    baseline: Revision | None
    candidates: tuple[CandidateVerdict, ...]
    counts: Counts
    policy_digest: str
    plan_digest: str
    journal_digest: str
    waivers: tuple[WaiverUse, ...] = ()

    @property
    def verdict(self) -> Answer:
        """The worst of the candidates' answers."""
        return worst(candidate.verdict for candidate in self.candidates)

    def to_text(self) -> str:
        """The bytes of `verdict.json`, as text."""
        data = {
            "schema": VERDICT_SCHEMA,
            "verdict": self.verdict.value,
            "run_id": self.run_id,
            "baseline": self.baseline and _short(self.baseline),
            "candidates": [
                {
                    **_short(candidate.revision),
                    "verdict": candidate.verdict.value,
                    "findings": [finding.to_json() for finding in candidate.findings],
                }
                for candidate in self.candidates
            ],
            **({"waivers": [use.to_json() for use in self.waivers]} if self.waivers else {}),
            "counts": {name: getattr(self.counts, name) for name in Counts.__slots__},
            "policy_digest": self.policy_digest,
            "plan_digest": self.plan_digest,
            "journal_digest": self.journal_digest,
        }
        return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _short(revision: Revision) -> dict[str, Any]:
    return {"revision": revision.name, "digest": revision.digest, "commit": revision.commit, "model": revision.model}
