"""Hostile text, and a run folder in which it can be put into any one field: the corpus of all proofs that text is text.

The folder is whole and loud: it has findings, regressions, a drifted golden, a waiver, a race, anatomy, damage. Each of
its fields holds a word of its own (`mark`), which `told` replaces by a payload in the texts of both files, so it stands
wherever that field is used, keys and names of items too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

import pytest

from pytest_damover.domain.anatomy import Aspect, Change, Difference
from pytest_damover.domain.case import case_from_data
from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.golden_result import GoldenOutcome, GoldenResult, Tolerance
from pytest_damover.domain.journal import JOURNAL_SCHEMA, Finished, ItemOutcome, Journal, Outcome
from pytest_damover.domain.plan_file import plan_from_text, plan_to_text
from pytest_damover.domain.run import Run, SuitePlan, run_of
from pytest_damover.domain.safety import Reason, Safety, SafetyClass
from pytest_damover.domain.verdict import Answer, Finding, Verdict
from pytest_damover.domain.waiver import WaiverFile
from pytest_damover.store import text_digest

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
    "&lt;b&gt;&#60;b&#62;",
    "=HYPERLINK(\"https://evil.example\")\t+1-1\t@SUM(A1)",
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
    "a\u202egpj.exe\u2066x\u2069",
    "a\u200bb\ufeff",
    "a\u2028b\u2029c",
    "\ud800",
    "../../etc/passwd",
    "x" * 5000,
)  # fmt: skip
OF_XML = (
    "",
    " ",
    "\x7f\x85",
    "\ufffe\uffff",
    "\U0001ffff",
    "\udfff\ud800",
    "&amp;&#0;&bogus;",
    "<![CDATA[",
    "?>",
    "\t\n",
)
"""More, for what strict parsers read."""
TOGETHER = " ".join(payload for payload in PAYLOADS if len(payload) < 100)
"""All of them in one text: what one of them would open, another may not close."""
UNSEEN = ("\u202e", "\u2066", "\u2069", "\u200b", "\ufeff", "\u2028", "\u2029", "\x1b", "\x00", "\ud800")
FIELDS = (
    "case name", "suite", "suite's folder", "label", "slice", "image path", "case file", "test", "error text",
    "expectation", "revision", "model", "hub", "commit", "tag", "file of a revision", "device", "detector", "command",
    "run id", "note", "left out", "narrowed", "broken case", "policy fault", "policy source", "policy key",
    "policy value", "waiver id", "waiver owner", "waiver reason", "golden file", "golden difference", "golden reason",
    "orphan", "configuration key", "configuration value", "tensor", "unread file", "why it runs code", "consent",
    "environment key", "environment value", "loaded with", "changed file", "end", "finding",
)  # fmt: skip
TWELVE = (
    "case name", "suite", "label", "slice", "image path", "revision", "model", "device", "error text", "waiver reason",
    "policy source", "finding",
)  # fmt: skip
"""What people and their tools write most freely: these meet every payload by itself."""
DIGEST = "digest-of-the-plan"
SHARP, BLUNT = {"day": 1.0, "night": 1.0, "pace": 1.0}, {"day": 0.5, "night": 0.3, "pace": 1.04}
CORPUS = (
    *((field, (TOGETHER,)) for field in TWELVE),
    *(pytest.param(field, (TOGETHER,), marks=pytest.mark.slow) for field in FIELDS if field not in TWELVE),
    *(pytest.param(field, (*PAYLOADS, *OF_XML), marks=pytest.mark.slow) for field in TWELVE),
)
"""One field at a time: all payloads in one text in each, and each payload by itself in the twelve."""
Judged = tuple[Run, Verdict, tuple[Comparison, ...]]


def named(part: str | tuple[str, ...]) -> str:
    """What a test calls a field, and its payloads by their number: most are no good in a name."""
    return part if isinstance(part, str) else f"{len(part)}"


def mark(field: str) -> str:
    """The word that stands in a field until a payload takes its place; none is a part of another."""
    return f"mark{FIELDS.index(field):02d}"


@lru_cache(maxsize=4)
def told(make: Any, field: str, payload: str) -> Judged:
    """The judged run with the payload in that one field."""
    if field == "file of a revision":  # a path that UTF-8 cannot hold has no digest, so none gets this far
        payload = payload.encode(errors="replace").decode()
    written = json.dumps(payload)[1:-1]
    plan_text, journal_text = (text.replace(mark(field), written) for text in _texts(make))
    journal_text = journal_text.replace(DIGEST, text_digest(plan_text))
    run = run_of(plan_from_text(plan_text), Journal.from_text(journal_text), plan_text, journal_text)
    run, verdict, comparisons = make.judged(run)
    said = mark("finding").replace(mark(field), payload)
    loud = Finding(said, Answer.FAIL, said, said, suite=said, slice=said, rerun=said, label=said)
    candidate = replace(verdict.candidates[0], findings=(loud, *verdict.candidates[0].findings))
    return run, replace(verdict, candidates=(candidate,)), comparisons


@cache
def _texts(make: Any) -> tuple[str, str]:
    """plan.json and journal.jsonl with a mark in every field."""
    suite = _suite(make)
    run = make.make_run({"v1": SHARP, mark("revision"): BLUNT}, suite=suite)
    plan = replace(
        run.plan,
        run_id=mark("run id"),
        command=mark("command"),
        detector=mark("detector"),
        device=mark("device"),
        notes=(mark("note"),),
        left_out=(mark("left out"),),
        narrowed=(mark("narrowed"),),
        candidates=(_revision(run.plan.candidates[0]),),
        safety={mark("revision"): Safety(SafetyClass.EXECUTES_CODE, (Reason("a.py", mark("why it runs code")),))},
        consents={mark("revision"): mark("consent")},
        differences={mark("revision"): _difference()},
        suites=(suite, _faulty(make)),
    )
    records = "".join(json.dumps(record) + "\n" for record in _records(run, suite))
    return tuple(text.replace("test_empty_image", mark("test")) for text in (plan_to_text(plan), records))


def _suite(make: Any) -> SuitePlan:
    whole = make.make_suite(12, mark("suite"))
    cases = []
    for case in whole.cases:
        boxes = [{**box, "label": mark("label")} for box in case.data["expected"]["expected_boxes"]]
        named = {"name": f"{mark('case name')}_{case.name}", "image_path": f"{mark('image path')}/{case.name}.jpg"}
        slices = [mark("slice") if one == "night" else one for one in case.slices]
        data = {**case.data, **named, "slices": slices, "expected": {**case.data["expected"], "expected_boxes": boxes}}
        cases.append(case_from_data(data, mark("suite"), mark("case file"), case.digest))
    policy = {**whole.policy, "ap50": {"margin": 0.02, "slices": {mark("slice"): 0.05}, "resamples": 100}}
    waiver = {"id": mark("waiver id"), "owner": mark("waiver owner"), "reason": mark("waiver reason")}
    waiver |= {"expires": date(2027, 1, 1).isoformat(), "scope": {"rule": "regressions.critical"}}
    waivers = WaiverFile("waivers.toml", "00" * 32, {"schema": 1, "waiver": [waiver]}, ())
    tests = {f"test_phone.py::{mark('test')}": "critical"}
    more = {"policy_source": mark("policy source"), "waivers": waivers, "test_severities": tests}
    return replace(whole, cases=tuple(cases), policy=policy, root=mark("suite's folder"), **more)


def _faulty(make: Any) -> SuitePlan:
    """A suite that could not be read as it stands."""
    faults = {"broken": (mark("broken case"),), "policy_faults": (mark("policy fault"),)}
    policy = {mark("policy key"): mark("policy value")}
    return replace(make.make_suite(0, "faulty"), policy=policy, **faults)


def _revision(revision: Any) -> Any:
    files = (replace(entry, path=f"{mark('file of a revision')}/{entry.path}") for entry in revision.files)
    return replace(
        revision, tag=mark("tag"), model=mark("model"), hub=mark("hub"), commit=mark("commit"), files=tuple(files)
    )


def _difference() -> Difference:
    return Difference(
        changes=(
            Change(Aspect.CONFIG, mark("configuration key"), mark("configuration value"), "2"),
            Change(Aspect.TENSOR, mark("tensor"), "", "F32 [1]"),
        ),
        weights_shared=3,
        weights_changed=2,
        relative_weight_change=0.1,
        largest=((mark("tensor"), 0.2),),
        unread=(mark("unread file"),),
    )


def _records(run: Run, suite: SuitePlan) -> Sequence[dict[str, Any]]:
    ends = [_end(end).to_json() for end in run.journal.finished]
    facts = {"runner": mark("loaded with"), "versions": {"torch": mark("loaded with")}}
    environment = {mark("environment key"): mark("environment value")}
    records = [
        {"kind": "begin", "schema": JOURNAL_SCHEMA, "run_id": mark("run id"), "plan_digest": DIGEST}
        | {"environment": environment},
        *({"kind": "load", "revision": name, "facts": facts} for name in ("v1", mark("revision"))),
        *(record for end in ends for record in ({"kind": "start", "item": end["item"]}, end)),
        {"kind": "verify", "revision": mark("revision"), "faults": [mark("changed file")]},
        {"kind": "goldens", "suite": suite.name, "orphans": [mark("orphan")], "unknown": ""},
        {"kind": "end", "reason": mark("end"), "counts": {"started": len(ends), "finished": len(ends)}},
    ]
    return [{"seq": number, **record} for number, record in enumerate(records)]


def _end(end: Finished) -> Finished:
    is_good = end.outcome is ItemOutcome.PASSED
    labels = end.detections and {**end.detections, "labels": [mark("label")] * len(end.detections["labels"])}
    tolerance = Tolerance(9.0, 0.5, mark("golden reason"))
    drift = GoldenResult(
        "g", GoldenOutcome.DRIFT, mark("golden file"), differences=(mark("golden difference"),), tolerance=tolerance
    )
    missed = () if is_good else (Outcome(mark("expectation"), False, mark("error text")),)
    return replace(end, detections=labels, reason="" if is_good else mark("error text"), failed_expectations=missed,
                   goldens=() if is_good else (drift,), device=mark("device"))  # fmt: skip
