"""`junit.xml`: the results as CI servers read them, well-formed whatever the names are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import quoteattr

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


def render(run: Run, verdict: Verdict) -> str:
    """The text of `junit.xml`: a test suite for each suite of the run, and one for the verdicts; times in seconds."""
    moment = began(run)
    stamp = "" if moment is None else f" timestamp={quoteattr(moment.isoformat())}"
    told = [*results(run, verdict)]
    suites: dict[str, list[Result]] = {}
    for one in told:
        suites.setdefault(one.suite, []).append(one)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<testsuites name="pytest-damover" {_counts(told)}>']
    for name, members in suites.items():
        lines.append(f"<testsuite name={quoteattr(name)} {_counts(members)}{stamp}>")
        lines += map(_case, members)
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _counts(members: Sequence[Result]) -> str:
    elements = [_ELEMENTS[one.status][0] for one in members if one.status in _ELEMENTS]
    counts = " ".join(f'{name}="{elements.count(element)}"' for name, element in _COUNTED.items())
    return f'tests="{len(members)}" {counts} time="{_seconds(members)}"'


def _case(result: Result) -> str:
    group = f"{result.suite}.{result.revision}" if result.revision else result.suite
    file = f" file={quoteattr(result.file)}" if result.file else ""
    head = f'<testcase classname={quoteattr(group)} name={quoteattr(result.name)}{file} time="{_seconds([result])}"'
    if result.status not in _ELEMENTS:
        return f"{head}/>"
    element, kind = _ELEMENTS[result.status]
    told = _text("\n".join(result.details))
    return f"{head}><{element} type={quoteattr(kind)} message={quoteattr(result.message)}>{told}</{element}></testcase>"


def _seconds(members: Iterable[Result]) -> str:
    return f"{sum(one.duration_ns for one in members) / 1e9:.3f}"


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
