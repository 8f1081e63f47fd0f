"""The tables of codes and reasons list what there is, no more and no less, in both languages."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from pytest_damover import remake, store
from pytest_damover.domain.errors import Code
from pytest_damover.domain.rules.reasons import Reason

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "tests/data/runs"
LANGUAGES = ("", ".zh-CN")


def rows(page: str) -> list[list[str]]:
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    found = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in found]


def words(page: str) -> list[str]:
    return [row[0].strip("`") for row in rows(page)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_b13_every_refusal_has_a_code_that_is_documented(language: str) -> None:
    assert words(f"errors{language}.md") == [code.value for code in Code]
    assert all(all(row) and len(row) == 3 for row in rows(f"errors{language}.md"))


def test_b13_every_code_is_raised_somewhere_and_named_in_a_test() -> None:
    package = "\n".join(path.read_text() for path in (ROOT / "pytest_damover").rglob("*.py"))
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    unused = [code for code in Code if f"Code.{code.name}" not in package]
    untested = [code for code in Code if f"Code.{code.name}" not in tests and f"[{code.value}]" not in tests]
    assert (unused, untested) == ([], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_b13_every_reason_is_documented(language: str) -> None:
    assert words(f"reasons{language}.md") == [reason.value for reason in Reason]


@pytest.fixture(scope="module")
def shown() -> dict[str, set[str]]:
    """The answers that each reason led to in the run folders."""
    shown = defaultdict(set)
    for folder in RUNS.iterdir():
        verdict = json.loads(remake.judge_folder(store.open_run_folder(folder)).verdict.to_text())
        for candidate in verdict["candidates"]:
            for finding in candidate["findings"]:
                shown[finding["reason"]].add(finding["verdict"])
    return shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_said_to_lead_where_it_leads(language: str, shown: dict[str, set[str]]) -> None:
    for reason, answers, meaning, advice in rows(f"reasons{language}.md"):
        told = set(answers.split(", "))
        assert shown[reason.strip("`")] <= told, reason
        assert meaning, reason
        assert bool(advice) == (told != {"PASS"}), reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_stops_a_run_folder_is_in_the_table_of_rules(language: str) -> None:
    first_cells = " ".join(row[0] for row in rows(f"policy{language}.md"))
    named = {word.split(".")[0] for word in re.findall(r"`([a-z_0-9.*]+)`", first_cells)}
    stops = [stop for path in RUNS.glob("*/expected.json") for stop in json.loads(path.read_text())["stops"]]
    shown = {rule.split(".")[0] for rule, *_ in stops}
    assert len(shown) > 10
    assert shown <= named


def test_the_four_pages_lead_to_each_other() -> None:
    for page in ("errors.md", "reasons.md", "errors.zh-CN.md", "reasons.zh-CN.md"):
        for link in re.findall(r"\]\(([\w.-]+\.md)\)", (ROOT / "docs" / page).read_text(encoding="utf-8")):
            assert (ROOT / "docs" / link).is_file()


def test_both_languages_have_the_same_measured_coverage_and_all_of_it_in_the_band() -> None:
    pages = [(ROOT / "docs" / f"statistics{language}.md").read_text(encoding="utf-8") for language in LANGUAGES]
    english, chinese = ([line for line in page.splitlines() if line.startswith("| A/")] for page in pages)
    assert english == chinese
    gates = [[cell.strip() for cell in line.split("|")[1:-1]] for line in english if "the gate's" in line]
    wanted = {("A/A", metric, images, "-") for metric in ("AP50", "AP50:95") for images in ("100", "200", "1000")}
    assert wanted <= {tuple(cells[:4]) for cells in gates}
    assert all(cells[5].endswith(" ok") for cells in gates if tuple(cells[:4]) in wanted)
