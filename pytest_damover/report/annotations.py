"""The worst of a run as GitHub's workflow commands: lines that its runner shows beside the files they are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Answer, CandidateVerdict, Finding, Verdict
from pytest_damover.report.text import one_line
from pytest_damover.report.views.findings import by_weight, counts_against, part, rule_title, sentence
from pytest_damover.report.views.page import comparison_of
from pytest_damover.report.views.results import file_of
from pytest_damover.report.views.states import states, why_failed
from pytest_damover.report.views.summary import headline
from pytest_damover.report.words import Words, words_in

MOST = 10
"""So many of a kind GitHub shows for one step."""
_COMMANDS = {Answer.PASS: "notice", Answer.INCONCLUSIVE: "warning", Answer.FAIL: "error", Answer.ERROR: "error"}


def render(run: Run, verdict: Verdict, comparisons: Sequence[Comparison], lang: str) -> str:
    """At most `MOST` lines: the answer for each candidate first, then what stands against it, findings and cases."""
    words = words_in(lang)
    heads = [_head(verdict, candidate, words) for candidate in verdict.candidates][:MOST]
    findings = [line for candidate in verdict.candidates for line in _findings(run, candidate, words)]
    cases = [
        line
        for candidate in verdict.candidates
        if (comparison := comparison_of(candidate, comparisons)) is not None
        for line in _cases(run, comparison, words)
    ]
    left = MOST - len(heads)
    of_cases = min(len(cases), max(left // 2, left - len(findings)))
    return "\n".join([*heads, *findings[: left - of_cases], *cases[:of_cases], ""])


def command(name: str, title: str, message: str, file: str = "") -> str:
    """One workflow command; title, message and file are data, and nothing in them is one.

    >>> command("error", "AP50: night", "50 %\\n::error::x", "suites/a,b.toml")
    '::error title=AP50%3A night,file=suites/a%2Cb.toml::50 %25 ::error::x'
    """
    properties = {"title": title, **({"file": file} if file.strip() else {})}
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {told}::{_data(message)}"


def _data(text: str) -> str:
    shown = one_line(text).replace("##[", "## [")
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _head(verdict: Verdict, candidate: CandidateVerdict, words: Words) -> str:
    answer = candidate.verdict
    against = words("annotations.against", n=sum(map(counts_against, candidate.findings)))
    return command(_COMMANDS[answer], answer.value, f"{headline(candidate, verdict.baseline, words)} {against}")


def _findings(run: Run, candidate: CandidateVerdict, words: Words) -> Iterator[str]:
    sources = {suite.name: suite.policy_source for suite in run.plan.suites}
    for finding in by_weight(candidate.findings):
        if counts_against(finding):
            title = f"{_titled(finding, words)} ({candidate.revision.name})"
            yield command(_COMMANDS[finding.verdict], title, sentence(finding, words), sources.get(finding.suite, ""))


def _titled(finding: Finding, words: Words) -> str:
    title, about = rule_title(finding.rule, words), part(finding)
    return title if about is None else f"{title} · {about}"


def _cases(run: Run, comparison: Comparison, words: Words) -> Iterator[str]:
    for case, state in states(comparison):
        if state not in ("regression", "failed"):
            continue
        severity = words(f"severity.{case.severity.value}")
        title = f"{words(f'state.{state}')} ({severity}): {case.case} [{comparison.candidate.name}]"
        told = "; ".join(words.retell(line) for line in why_failed(case.candidate)) or words(f"state.{state}")
        yield command("error", title, told, file_of(run, case.suite, case.case, case.probe))
