"""Hostile text in every field is text: no element, no attribute, no invisible character comes out of it."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pytest

from pytest_damover.domain.case import case_from_data
from pytest_damover.domain.damage import Damage, DamageKind
from pytest_damover.domain.journal import ItemOutcome, Outcome
from pytest_damover.domain.verdict import Answer, CandidateVerdict, Finding
from pytest_damover.report import html, markdown, terminal
from pytest_damover.report.pictures import no_pictures

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "<!--<script>",
    "-->",
    "]]>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "` onclick=`alert(1)",
    "<svg/onload=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "{{ 7*7 }}",
    "{% include '/etc/passwd' %}",
    "{# gone #}",
    "{0.__class__}",
    "{n}",
    "%s%n",
    "${7*7}",
    "&lt;b&gt;",
    "&#60;b&#62;",
    "a|b",
    "[x](https://evil.example/)",
    "![x](https://evil.example/i.png)",
    "`code` ```fence```",
    "**bold** _it_ ~~s~~ # head",
    "@everyone #1 https://evil.example www.evil.example",
    "::add-mask::secret",
    "x\n::error::boo",
    "##[command]boo",
    "\x1b[31mred\x1b[0m",
    "a\x00b",
    "a\r\nb",
    "a\u202egpj.exe",
    "a\u200bb\ufeff",
    "a\u2028b\u2029c",
    "\ud800",
    "../../etc/passwd",
    "x" * 5000,
)
UNSEEN = ("\u202e", "\u200b", "\ufeff", "\u2028", "\u2029", "\x1b", "\x00", "\ud800")


def _moved(files: Any, prefix: str) -> Any:
    return (replace(entry, path=f"{prefix}{entry.path}") for entry in files)


@cache
def poisoned(make: Any, payload: str) -> Any:
    """A small judged run with the payload in every field that text reaches."""
    suite = make.make_suite(12)
    data = [
        {**case.data, "name": f"{payload} {index}", "slices": [payload], "image_path": payload,
         "expected": {**case.data["expected"], "expected_boxes": [
             {**box, "label": payload} for box in case.data["expected"]["expected_boxes"]]}}
        for index, case in enumerate(suite.cases)
    ]  # fmt: skip
    suite = replace(
        suite,
        cases=tuple(
            case_from_data(case, suite.name, payload, known.digest)
            for case, known in zip(data, suite.cases, strict=True)
        ),
        root=payload,
        policy_source=payload,
        broken=(payload,),
        policy_faults=(payload,),
        policy={payload: {payload: payload}},
    )
    run = make.make_run({"v1": make.GOOD, "v2": make.BLIND_AT_NIGHT}, suite=suite)
    plan = run.plan
    # a path that UTF-8 cannot hold has no digest, so none gets this far
    prefix = payload.encode(errors="replace").decode()
    fields = dict.fromkeys(("tag", "model", "hub", "commit"), payload)
    evil = [
        replace(revision, name=f"{payload}{index}", files=tuple(_moved(revision.files, prefix)), **fields)
        for index, revision in enumerate(plan.revisions)
    ]
    names = dict(zip((revision.name for revision in plan.revisions), (revision.name for revision in evil), strict=True))
    items = tuple(replace(item, revision=names[item.revision]) for item in plan.items)
    fresh = dict(zip((item.key for item in plan.items), (item.key for item in items), strict=True))
    finished = tuple(
        replace(end, item=fresh[end.item], reason=payload, detections=end.detections and
                {**end.detections, "labels": [payload] * len(end.detections["labels"])},
                failed_expectations=() if end.outcome is ItemOutcome.PASSED else (Outcome(payload, False, payload),))
        for end in run.journal.finished
    )  # fmt: skip
    fields = dict.fromkeys(("run_id", "created_at", "command", "detector", "device"), payload)
    lists = {"narrowed": (payload,), "left_out": (payload,)}
    plan = replace(plan, baseline=evil[0], candidates=(evil[1],), items=items, **fields, **lists)
    journal = replace(
        run.journal,
        environment={payload: payload},
        finished=finished,
        ended=payload,
        damage=(Damage(DamageKind.NOT_JSON, payload),),
    )
    run = replace(run, plan=plan, journal=journal)
    comparisons = make.compare_candidates(run, {})
    verdict = make.judge(run, comparisons, {})
    finding = Finding(payload, Answer.FAIL, payload, payload, suite=payload, slice=payload, rerun=payload)
    return run, replace(verdict, candidates=(CandidateVerdict(evil[1], (finding,)),)), comparisons


@pytest.fixture(scope="module")
def shape_of() -> Any:
    """The page parser of the page's own tests."""
    spec = importlib.util.spec_from_file_location("page_shape", Path(__file__).with_name("test_html.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["page_shape"] = module
    spec.loader.exec_module(module)
    return module.Shape


@pytest.fixture(scope="module")
def harmless(make: Any, shape_of: Any) -> Any:
    return shape_of(html.render(*poisoned(make, "harmless"), no_pictures, "en")).elements


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_the_page_has_the_elements_it_has_without_hostile_text(
    make: Any, shape_of: Any, harmless: Any, payload: str
) -> None:
    page = html.render(*poisoned(make, payload), no_pictures, "en")
    assert page.encode()
    assert not any(character in page for character in UNSEEN)
    shape = shape_of(page)
    assert shape.open == []
    # lines of a text become list items; nothing else may come or go
    assert [element for element in shape.elements if element[0] != "li"] == [one for one in harmless if one[0] != "li"]


def as_browsers_read_it(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every element with its attributes' names, by the rules that HTML5 gives browsers, errors and all."""
    document = html5lib.parse(page, namespaceHTMLElements=False)
    return [(element.tag, tuple(sorted(element.attrib))) for element in document.iter() if element.tag != "li"]


@pytest.fixture(scope="module")
def read_without(make: Any) -> Any:
    return as_browsers_read_it(html.render(*poisoned(make, "harmless"), no_pictures, "en"))


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_browser_reads_the_elements_and_attributes_that_the_templates_wrote(
    make: Any, read_without: Any, payload: str
) -> None:
    assert len(read_without) > 500
    assert as_browsers_read_it(html.render(*poisoned(make, payload), no_pictures, "en")) == read_without


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_names_of_cases_that_only_the_script_knows_are_text_too(
    make: Any, payload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_damover.report.views.cases.MOST_CASES", 2)
    monkeypatch.setattr("pytest_damover.report.views.cases.MOST_ROWS", 3)
    page, without = (html.render(*poisoned(make, text), no_pictures, "en") for text in (payload, "harmless"))
    assert "case-table-rest" in page
    assert not any(character in page for character in UNSEEN)
    assert as_browsers_read_it(page) == as_browsers_read_it(without)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_the_summary_has_no_markup_of_its_own_from_hostile_text(make: Any, payload: str) -> None:
    text = markdown.render(*poisoned(make, payload), "en")
    assert len(text.encode()) < 65_536
    outside = "\n".join(part for index, part in enumerate(text.split("```")) if index % 2 == 0 or "`" in payload)
    assert "<script" not in outside
    assert "<img" not in outside
    assert "](http" not in outside
    assert "://evil" not in outside or "`" in payload
    assert not any(character in text for character in UNSEEN)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
@pytest.mark.parametrize("width", [20, 80])
def test_the_terminal_obeys_no_hostile_text(make: Any, payload: str, width: int) -> None:
    lines = terminal.render(*poisoned(make, payload), payload, "zh", width)
    assert len(lines) <= terminal.MOST_LINES
    for line in lines:
        assert line.text.isprintable() or line.text == ""
        assert terminal.text_width(line.text) <= width
        assert not line.text.lstrip().startswith("::")
        assert "##[" not in line.text
