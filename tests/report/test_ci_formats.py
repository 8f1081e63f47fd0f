"""What CI servers read: JUnit, CTRF, workflow commands. Hostile text in any field is text in each of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from xml.parsers import expat

import jsonschema_rs
import pytest

from pytest_damover.domain.verdict import Answer, CandidateVerdict, Finding
from pytest_damover.report import annotations, ctrf, junit, markdown
from tests.report import hostile

one_field_at_a_time = pytest.mark.parametrize(("field", "payloads"), hostile.CORPUS, ids=hostile.named)
COMMAND = re.compile(r"::(error|warning|notice) title=[^:,]*(,file=[^:,]+)?::.+")

# what ctrf.io publishes of the keys that are written here
TEST = {
    "type": "object",
    "required": ["name", "status", "duration"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "status": {"enum": ["passed", "failed", "skipped", "pending", "other"]},
        "duration": {"type": "integer"},
        "rawStatus": {"type": "string"},
        "suite": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "message": {"type": "string"},
        "trace": {"type": "string"},
        "filePath": {"type": "string"},
    },
}
COUNTS = ("tests", "passed", "failed", "skipped", "pending", "other", "start", "stop")
CTRF = {
    "type": "object",
    "required": ["reportFormat", "specVersion", "results"],
    "additionalProperties": False,
    "properties": {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "timestamp": {"type": "string"},
        "generatedBy": {"type": "string"},
        "results": {
            "type": "object",
            "required": ["tool", "summary", "tests"],
            "additionalProperties": False,
            "properties": {
                "tool": {"type": "object", "required": ["name"]},
                "summary": {
                    "type": "object",
                    "required": COUNTS,
                    "additionalProperties": False,
                    "properties": {
                        **{key: {"type": "integer"} for key in (*COUNTS, "suites")},
                        "extra": {"type": "object"},
                    },
                },
                "tests": {"type": "array", "items": TEST},
            },
        },
    },
}


def elements(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every element with the names of its attributes; `expat.ExpatError` where the text is no well-formed XML."""
    found: list[tuple[str, tuple[str, ...]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append((name, tuple(attributes)))
    parser.Parse(text.encode(), True)
    return found


def without_files(found: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, list[str]]]:
    """The elements but for `file`, which is left out where a source has no name."""
    return [(name, [one for one in attributes if one != "file"]) for name, attributes in found]


@one_field_at_a_time
def test_w9_junit_is_well_formed_and_has_the_elements_it_has_without_hostile_text(
    make: Any, field: str, payloads: tuple[str, ...]
) -> None:
    without = elements(junit.render(*hostile.told(make, field, "harmless")[:2]))
    for payload in payloads:
        text = junit.render(*hostile.told(make, field, payload)[:2])
        assert without_files(elements(text)) == without_files(without), payload
        assert not any(character in text for character in hostile.UNSEEN), payload


def test_w9_a_parser_as_strict_as_this_refuses_what_is_not_escaped() -> None:
    for wrong in ("<a>\x01</a>", "<a b='<'/>", "<a>]]></a>", "<a>&bogus;</a>", "<a>"):
        with pytest.raises(expat.ExpatError):
            elements(wrong)


@one_field_at_a_time
def test_ctrf_is_what_its_schema_says(make: Any, field: str, payloads: tuple[str, ...]) -> None:
    for payload in payloads:
        text = ctrf.render(*hostile.told(make, field, payload)[:2])
        jsonschema_rs.validate(CTRF, json.loads(text.encode()))
        assert not any(character in text for character in hostile.UNSEEN), payload


@one_field_at_a_time
def test_w7_annotations_are_ten_commands_of_our_own_and_nothing_of_the_data_is_one(
    make: Any, field: str, payloads: tuple[str, ...]
) -> None:
    for payload in payloads:
        for lang in ("en", "zh"):
            lines = annotations.render(*hostile.told(make, field, payload), lang).split("\n")
            assert lines.pop() == ""
            assert 1 <= len(lines) <= annotations.MOST
            assert [line for line in lines if not COMMAND.fullmatch(line)] == [], payload
            assert not any("##[" in line or not line.isprintable() for line in lines), payload


def test_w7_a_command_in_a_name_is_escaped() -> None:
    assert annotations.command("error", "AP50: night, 5 %", "50 %\n::add-mask::x", "a,b:c") == (
        "::error title=AP50%3A night%2C 5 %25,file=a%2Cb%3Ac::50 %25 ::add-mask::x"
    )


def test_annotations_are_the_answer_then_findings_then_cases_with_their_files(failing: Any) -> None:
    lines = annotations.render(*failing, "en").splitlines()
    assert lines[0].startswith("::error title=FAIL::v2.0.0 must not replace v1.0.0.")
    assert len(lines) == annotations.MOST
    assert any("night" in line and "file=suites/phone/gate.toml" in line for line in lines[1:])
    assert any("regression (critical)" in line and "file=suites/phone/cases/demo.json" in line for line in lines[1:])


def test_a_pass_is_a_notice_alone(make: Any) -> None:
    run, verdict, comparisons = make.judged(make.make_run({"v1": make.GOOD, "v2": make.BETTER}))
    calm = replace(verdict, candidates=(replace(verdict.candidates[0], findings=()),))
    assert annotations.render(run, calm, comparisons, "en").startswith("::warning title=INCONCLUSIVE::")
    good = CandidateVerdict(verdict.candidates[0].revision, (Finding("plan", Answer.PASS, "all", "all ran"),))
    lines = annotations.render(run, replace(verdict, candidates=(good,)), (), "en").splitlines()
    assert [line.partition("::v2")[0] for line in lines] == ["::notice title=PASS"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_w7_a_summary_of_very_much_fits_a_step_and_a_comment(make: Any, lang: str) -> None:
    """A step summary may be 1 MiB, a pull-request comment 65,536 characters: one file is below both."""
    run, verdict, comparisons = make.judged(make.make_run({"v1": make.GOOD, "v2": make.BLIND_AT_NIGHT}))
    loud = tuple(
        Finding(f"ap50.{n}", Answer.FAIL, "over limit", "|`*" * 3000, slice="<b>" * 3000, rerun="`" * 3000)
        for n in range(500)
    )
    evil = replace(verdict, candidates=tuple(replace(one, findings=loud) for one in verdict.candidates * 30))
    text = markdown.render(run, evil, comparisons, lang)
    assert len(text.encode()) < 65_536
    assert "FAIL" in text.splitlines()[0]
