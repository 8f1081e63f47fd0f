"""`junit.xml`: the results as CI servers read them, well-formed whatever the names are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pytest_damover.domain.run import Run
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report.views.results import Result, Status, began, results

_ELEMENTS = {
    Status.FAILED: ("failure", "failed"),
    Status.ERROR: ("error", "error"),
    Status.MISSING: ("error", "missing"),
    Status.SKIPPED: ("skipped", "pytest.skip"),
    Status.TOLERATED: ("skipped", "pytest.xfail"),
}
"""By status the element, and its type as pytest itself writes it."""
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


@dataclass
class _Suite:
    """The lines of one test suite: of 200,000 results only these are kept."""

    lines: list[str] = field(default_factory=list)
    elements: Counter[str] = field(default_factory=Counter)
    duration_ns: int = 0

    def add(self, result: Result) -> None:
        self.lines.append(_case(result))
        self.elements[_ELEMENTS[result.status][0] if result.status in _ELEMENTS else ""] += 1
        self.duration_ns += result.duration_ns


def render(run: Run, verdict: Verdict) -> str:
    """The text of `junit.xml`: a test suite for each suite of the run, and one for the verdicts; times in seconds."""
    moment = began(run)
    stamp = "" if moment is None else f" timestamp={_quoted(moment.isoformat())}"
    suites: dict[str, _Suite] = {}
    for result in results(run, verdict):
        suites.setdefault(result.suite, _Suite()).add(result)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites name="pytest-damover" {_counts(*suites.values())}>',
    ]
    for name, suite in suites.items():
        lines.append(f"<testsuite name={_quoted(name)} {_counts(suite)}{stamp}>")
        lines += suite.lines
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _counts(*suites: _Suite) -> str:
    elements = sum((suite.elements for suite in suites), Counter[str]())
    counts = " ".join(f'{name}="{elements[element]}"' for name, element in _COUNTED.items())
    return f'tests="{elements.total()}" {counts} time="{_seconds(sum(suite.duration_ns for suite in suites))}"'


def _case(result: Result) -> str:
    group = f"{result.suite}.{result.revision}" if result.revision else result.suite
    file = f" file={_quoted(result.file)}" if result.file else ""
    named = f"classname={_quoted(group)} name={_quoted(result.name)}{file}"
    head = f'<testcase {named} time="{_seconds(result.duration_ns)}"'
    if result.status not in _ELEMENTS:
        return f"{head}/>"
    element, kind = _ELEMENTS[result.status]
    told = _text("\n".join(result.details))
    return f"{head}><{element} type={_quoted(kind)} message={_quoted(result.message)}>{told}</{element}></testcase>"


def _seconds(duration_ns: int) -> str:
    return f"{duration_ns / 1e9:.3f}"


def _quoted(text: str) -> str:
    """An attribute's value; xml.sax has the same, and brings HTTP and TLS with it."""
    shown = _text(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    return '"' + shown.replace('"', "&quot;") + '"'


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
