"""What stands above the fold: the answer, who asks to replace whom, why, what ran and what did not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from pytest_damover.domain.journal import FINISHED, Finished, ItemOutcome
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.rules.rerun import resume_command
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Action, Answer, CandidateVerdict, Counts, Finding, Verdict, worst_that_blocks
from pytest_damover.report.numbers import file_size
from pytest_damover.report.text import lines_of
from pytest_damover.report.views.findings import counts_against, family, is_difference, part, rule_title, sentence
from pytest_damover.report.views.waivers import expiring, used
from pytest_damover.report.words import Words

WHY_LINES = 3
_OF_THE_RUN = ("plan", "resume", "identical", "crashes", "goldens", "policy")
_MEASURED = (
    "ap50",
    "regressions",
    "flips",
    "ap",
    "recall",
    "precision",
    "latency",
    "throughput",
    "memory",
    "size",
    "parameters",
    "cold_start",
    "failures",
    "waiver",
    "evidence",
)


def identity(revision: Revision) -> dict[str, Any]:
    """Who a revision is."""
    return {
        "name": revision.name,
        "tag": revision.tag if revision.tag != revision.name else "",
        "model": revision.model,
        "hub": revision.hub,
        "commit": revision.commit or "",
        "digest": revision.digest,
        "short": revision.digest[:12],
        "size": file_size(revision.size_bytes),
        "files": len(revision.files),
        "same": False,
    }


def headline(candidate: CandidateVerdict, baseline: Revision | None, words: Words) -> str:
    """The answer for one candidate as a sentence."""
    answer = candidate.verdict.value
    if baseline is None:
        return words(f"headline.alone.{answer}", candidate=candidate.revision.name)
    return words(f"headline.{answer}", candidate=candidate.revision.name, baseline=baseline.name)


def why(findings: Sequence[Finding], words: Words, most: int = WHY_LINES) -> dict[str, Any]:
    """The at most `most` findings that tell most about the answer, and how many more do not pass."""
    told = most_telling(findings, most)
    lines = [
        {"answer": finding.verdict.value, "title": _titled(finding, words), "sentence": sentence(finding, words)}
        for finding in told
    ]
    more = sum(counts_against(finding) and finding not in told for finding in findings)
    warned = sum(warns(finding) and finding not in told for finding in findings)
    texts = [words("why.more", n=more)] * bool(more) + [words("why.warned", n=warned)] * bool(warned)
    return {"lines": lines, "more": " ".join(texts)}


def most_telling(findings: Sequence[Finding], most: int = WHY_LINES) -> list[Finding]:
    """At most `most` findings, worst answer first, and of one answer from as many families of rules as there are.

    What passes is told only when everything does, and after what only warns: who signs should know of it.
    """
    if worst_that_blocks(findings) is Answer.PASS:
        warnings = [finding for finding in findings if warns(finding)]
        return [*warnings, *_in_turns(findings, Answer.PASS)][:most]
    blocking = [finding for finding in findings if counts_against(finding)]
    return [finding for answer in Answer for finding in _in_turns(blocking, answer)][:most]


def warns(finding: Finding) -> bool:
    """True when a rule is broken that warns without stopping the candidate."""
    return finding.action is Action.WARN and finding.verdict is not Answer.PASS


def count_tiles(counts: Counts, words: Words) -> list[dict[str, Any]]:
    """Planned, run, passed, failed, skipped, missing; a tile that asks for attention says so by its tone.

    `failed` asks for none: most of it may be what the baseline fails as well.
    """
    tones = {"skipped": "open", "missing": "open"}
    return [
        {
            "name": name,
            "label": words(f"count.{name}"),
            "value": (value := getattr(counts, name)),
            "tone": tones.get(name, "") if value else "",
        }
        for name in ("planned", "run", "passed", "failed", "skipped", "missing")
    ]


def banners(run: Run, counts: Counts, words: Words) -> list[dict[str, Any]]:
    """What a reader must know before believing anything below."""
    found = []
    if run.journal.ended != FINISHED:
        reason = words.retell(run.journal.ended) if run.journal.ended else words("banner.no_end")
        text = words("banner.interrupted", run=f"{counts.run:,}", planned=f"{counts.planned:,}", reason=reason)
        found.append(
            {
                "key": "interrupted",
                "tone": "fail",
                "title": words("banner.interrupted.title"),
                "text": text,
                "lines": [],
                "first": True,
            }
        )
    damage = [str(one) for one in run.journal.damage]
    if damage:
        found.append(_banner("fail", "damage", damage, words))
    changed = [f"{name}: {fault}" for name, faults in run.journal.verified for fault in faults]
    if changed:
        found.append(_banner("fail", "changed", changed, words))
    broken = [fault for suite in run.plan.suites for fault in suite.broken]
    if broken:
        found.append(_banner("fail", "broken", broken, words))
    faults = [fault for suite in run.plan.suites for fault in suite.policy_faults]
    if faults:
        found.append(_banner("fail", "policy", faults, words))
    if run.plan.narrowed:
        found.append(_banner("open", "narrowed", run.plan.narrowed, words))
    untested = [*_by_reason(run.plan.left_out), *not_tested(run, words)]
    if untested:
        found.append(_banner("open", "untested", untested, words))
    return found


def _by_reason(left_out: Sequence[str]) -> list[str]:
    """What was left out, one line a reason (what stands before the first ": "), with the first and how many more."""
    kinds: dict[str, list[str]] = {}
    for line in left_out:
        kinds.setdefault(line.partition(": ")[0], []).append(line)
    return [lines[0] if len(lines) == 1 else f"{lines[0]} (+{len(lines) - 1:,})" for lines in kinds.values()]


def waiver_banners(verdict: Verdict, words: Words) -> list[dict[str, Any]]:
    """The exceptions that this answer rests on, and those that end soon."""
    ids, lines = used(verdict, words)
    found = [_banner("open", "waived", lines, words, ids=ids)] if lines else []
    soon = expiring(verdict, words)
    return [*found, _banner("open", "expiring", soon, words)] if soon else found


def not_tested(run: Run, words: Words, most: int = 5) -> list[str]:
    """Items that were planned and have no result, with the reason where the journal gives one."""
    ends = [(item.key, run.finished.get(item.key)) for item in run.plan.items]
    open_items = [(key, end) for key, end in ends if _has_no_result(end)]
    told = [
        key if record is None or not record.reason else f"{key}: {words.retell(record.reason)}"
        for key, record in open_items
    ]
    return told if len(told) <= most else [*told[:most], f"… +{len(told) - most:,}"]


def verdict_summary(run: Run, verdict: Verdict, words: Words, most: int = WHY_LINES) -> dict[str, Any]:
    """The whole first screen as plain data, with at most `most` reasons for each candidate."""
    answer = verdict.verdict.value
    candidates = [_candidate_summary(candidate, verdict.baseline, words, most) for candidate in verdict.candidates]
    return {
        "answer": answer,
        "word": words(f"answer.{answer}"),
        "exit_code": verdict.verdict.exit_code,
        "headline": candidates[0]["headline"] if len(candidates) == 1 else words(f"headline.many.{answer}"),
        "baseline": None if verdict.baseline is None else identity(verdict.baseline),
        "candidates": candidates,
        "counts": count_tiles(verdict.counts, words),
        "banners": [*banners(run, verdict.counts, words), *waiver_banners(verdict, words)],
        "resume": "" if run.journal.ended == FINISHED else resume_command(run),
    }


def _candidate_summary(
    candidate: CandidateVerdict, baseline: Revision | None, words: Words, most: int
) -> dict[str, Any]:
    answer = candidate.verdict.value
    return {
        **identity(candidate.revision),
        "answer": answer,
        "word": words(f"answer.{answer}"),
        "headline": headline(candidate, baseline, words),
        "why": why(candidate.findings, words, most),
        "same": baseline is not None and baseline.digest == candidate.revision.digest,
    }


def _titled(finding: Finding, words: Words) -> str:
    title = rule_title(finding.rule, words)
    about = part(finding)
    return title if about is None else f"{title} · {about}"


def _in_turns(findings: Sequence[Finding], answer: Answer) -> list[Finding]:
    order = _MEASURED + _OF_THE_RUN if answer is Answer.PASS else _OF_THE_RUN + _MEASURED
    by_family: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is answer:
            by_family.setdefault(family(finding), []).append(finding)
    queues = [sorted(by_family[name], key=_breach) for name in sorted(by_family, key=lambda name: _place(name, order))]
    return [finding for turn in zip_longest(*queues) for finding in turn if finding is not None]


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)


def _breach(finding: Finding) -> float:
    """The lower, the further beyond its limit; whole suites keep their place before their slices when they pass."""
    if not is_difference(finding) or finding.verdict is Answer.PASS or finding.value is None or finding.limit is None:
        return 0.0
    return finding.value - finding.limit


def _has_no_result(record: Finished | None) -> bool:
    return record is None or record.outcome is ItemOutcome.SKIPPED


def _banner(tone: str, key: str, texts: Sequence[str], words: Words, **fields: str) -> dict[str, Any]:
    lines = [line for text in texts for line in lines_of(words.retell(text))]
    shown = lines[:12] if len(lines) <= 12 else [*lines[:11], words("more", n=len(lines) - 11)]
    return {
        "key": key,
        "tone": tone,
        "title": words(f"banner.{key}.title"),
        "text": words(f"banner.{key}", **fields),
        "n": len(texts),
        "lines": shown,
        "first": False,
    }
