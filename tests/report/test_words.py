"""Both languages say everything."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from pytest_damover import remake, store
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.verdict import Answer, Finding
from pytest_damover.report import html
from pytest_damover.report.views.findings import sentence
from pytest_damover.report.words import CATALOGUES, words_in
from pytest_damover.report.words.findings import FINDINGS

RUNS = Path(__file__).parents[1] / "data/runs"
ENGLISH, CHINESE = CATALOGUES["en"], CATALOGUES["zh"]


def fields(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert ENGLISH.keys() == CHINESE.keys()


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_a_phrase_names_only_fields_that_the_other_language_is_given_too(key: str) -> None:
    assert fields(CHINESE[key]) == fields(ENGLISH[key])


def test_every_english_finding_is_told_in_chinese_too() -> None:
    assert FINDINGS["en"].keys() <= FINDINGS["zh"].keys()


def test_findings_use_reasons_that_the_gate_has() -> None:
    known = {reason.value for reason in Reason}
    assert {key.partition(":")[2] for key in FINDINGS["zh"]} <= known


def test_plural_is_chosen_by_n() -> None:
    words = words_in("en")
    assert words("files.note", changed=1, total=2).startswith("1 of 2")
    assert (words("more", n=1), words("identity.size", n=1, size="x"), words("identity.size", n=1234, size="x")) == (
        "1 more", "1 file, x", "1,234 files, x",
    )  # fmt: skip


def test_templates_use_only_phrases_that_exist_and_no_phrase_is_left_over() -> None:
    package = Path(html.__file__).parent
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in package.rglob("*")
        if path.suffix in (".py", ".html") and path.parent.name != "words"
    )
    literal = set(re.findall(r'(?:\bt|words)\("([a-z0-9_.A-Z]+)"', sources))
    assert {key for key in literal if not key.endswith(".")} <= ENGLISH.keys()
    families = ("action.", "anatomy.aspect.", "anatomy.count.", "anatomy.safety.",
                "answer.", "banner.", "column.", "count.", "errors.kind.", "errors.parts.", "errors.point.",
                "errors.scores.",
                "fixed.", "files.",
                "findings.at.", "findings.needed.", "gallery.show.", "gallery.lost.", "gallery.fixed.",
                "footprint.note.", "goldens.outcome.", "phase.",
                "guard.", "headline.", "incomplete.", "known.", "matrix.more.", "outcome.", "role.", "rule.",
                "running.process",
                "running.inline", "section.gallery", "severity.", "weak.said.",
                "flips.", "signoff.", "state.", "terminal.")  # fmt: skip
    unused = {key for key in ENGLISH if f'"{key}"' not in sources and not key.startswith(families)}
    assert unused == set()


def test_every_reason_of_the_gate_can_be_told_in_chinese() -> None:
    assert {reason.value for reason in Reason} <= {key.partition(":")[2] for key in FINDINGS["zh"]}


@pytest.mark.parametrize("name", [path.name for path in sorted(RUNS.iterdir())])
def test_a_chinese_finding_names_what_the_english_one_names(name: str) -> None:
    """Items, cases, goldens, files: nobody should have to read the other language to learn which."""
    judged = remake.judge_folder(store.open_run_folder(RUNS / name))
    for finding in (one for candidate in judged.verdict.candidates for one in candidate.findings):
        key = f"{finding.rule}:{finding.reason}"
        if "{named}" in FINDINGS["zh"].get(key, "") or "{first}" in FINDINGS["zh"].get(key, ""):
            _, found, listed = finding.message.partition("; first " if "; first " in finding.message else ": ")
            assert found
            assert re.split(r", |: |; | and \d", listed)[0] in sentence(finding, words_in("zh"))
        elif finding.verdict is not Answer.PASS and finding.rule in ("plan", "goldens", "resume", "revisions"):
            assert not re.search(r": [a-z0-9_-]+/", finding.message), key


def test_how_many_more_there_are_is_said_in_words() -> None:
    finding = Finding("plan", Answer.INCONCLUSIVE, "missing-items", "9 of 9 items did not run: a, b and 7 more; c", n=9)
    assert sentence(finding, words_in("zh")) == "有 9 项列入计划但未执行：a, b (另有 7 项)。"
