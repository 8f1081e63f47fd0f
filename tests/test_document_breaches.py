"""What is wrong with a file is told in words for people who have never seen its schema."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_damover import documents
from pytest_damover.documents._breaches import form
from pytest_damover.domain.errors import Code

EVIDENCE = {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 1}
GOOD: dict[str, dict[str, Any]] = {
    "case": {"name": "a", "image_path": "a.png", "expected": {"min_objects": 1}},
    "policy": {"schema": 1, "evidence": EVIDENCE},
    "waivers": {"schema": 1},
}
WAIVER = {"id": "W-1", "expires": "2026-12-31", "scope": {"cases": ["a"]}}


def faults(kind: str, data: Any, **changes: Any) -> list[tuple[str, str, str]]:
    changed = {**data, **changes} if isinstance(data, dict) else data
    found = documents.schema_faults(changed, kind, "x", Code.DOCUMENT)
    return [(fault.where.removeprefix("x: "), fault.found, fault.allowed) for fault in found]


@pytest.mark.parametrize(
    ("kind", "changes", "where", "found", "allowed"),
    [
        ("case", {"severity": "huge"}, "$.severity", '"huge"', 'one of "critical", "major", "minor"'),
        ("case", {"slices": "night"}, "$.slices", '"night"', "a list"),
        ("case", {"slices": ["a b"]}, "$.slices[0]", '"a b"',
         "1 to 64 characters, no blank, and not a free slice such as brightness:dark"),
        ("case", {"slices": ["a", "b", "a"]}, "$.slices", '"a" stands twice', "a list in which nothing stands twice"),
        ("case", {"expected": {"labels": ["", 1]}}, "$.expected.labels[0]", '""', "a text of 1 to 256 characters"),
        ("case", {"expected": {"min_objects": None}}, "$.expected.min_objects", "null", "a whole number, 0 to 10000"),
        ("case", {"expected": {"no_duplicates": 1}}, "$.expected.no_duplicates", "1", "true or false"),
        ("case", {"expected": 5}, "$.expected", "5", "keys with values: {…}"),
        ("case", {"expected": {"golden": {}}}, "$.expected.golden", "{}", "at least one of box_px, score, reason"),
        ("case", {"description": "x" * 5000}, "$.description", "a text of 5000 characters",
         "a text of at most 4096 characters"),
        ("case", {"expected": {"forbidden_regions": [[1, 2, 3, 4, 5]]}}, "$.expected.forbidden_regions[0]",
         "a list of 5 values", "a list of 4 values"),
        ("policy", {"schema": 2}, "$.schema", "2", "1"),
        ("policy", {"ap50": {"margin": 0}}, "$.ap50.margin", "0", "a number, above 0 and below 1"),
        ("policy", {"ap50": {"slices": {"night": "much"}}}, "$.ap50.slices.night", '"much"',
         "a number, above 0 and below 1; or keys with values: {…}"),
        ("policy", {"ap50": {"slices": {"blur:much": 0.1}}}, "$.ap50.slices", '"blur:much"',
         "a slice that cases name, or a free one: brightness:dark|dim|bright|glaring, contrast:low|medium|high, "
         "blur:blurred|soft|sharp, smallest_object:small|medium|large, objects:none|one|few|many"),
        ("policy", {"evidence": {**EVIDENCE, "min_cases": 0}}, "$.evidence.min_cases", "0",
         "a whole number, at least 1"),
        ("policy", {"recall": {"at": "x", "margin": 0.1}}, "$.recall.at", '"x"',
         "case, native or shared; or a number, above 0 and at most 1"),
        ("policy", {"latency": {}}, "$.latency", "none of the keys that make a demand in {}",
         "at least one of max_ratio, max_ms, p90_ms, p99_ms"),
        ("policy", {"throughput": {"min_ratio": 1}, "memory": {"max_mb": 1}}, "$",
         '"memory", "throughput" without "latency"', '"latency" beside them'),
        ("waivers", {"waiver": [{**WAIVER, "id": ""}]}, "$.waiver[0].id", '""',
         "1 to 64 of A-Z, a-z, 0-9, '.', '_', '-', and first a letter or a digit"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_it_says_what_stands_there_and_what_may(kind, changes, where, found, allowed):
    assert (where, found, allowed) in faults(kind, GOOD[kind], **changes)


def test_a_key_that_nobody_knows_is_told_with_the_one_that_may_be_meant():
    ((where, found, allowed),) = faults("case", GOOD["case"], sevrity="minor", zzz=1)
    assert (where, found) == ("$", 'unknown keys "sevrity" (perhaps "severity"), "zzz"')
    assert allowed.startswith("the keys $schema, name, image_path, ")


def test_a_key_that_is_there_is_not_proposed_again():
    ((_, found, _),) = faults("case", GOOD["case"], names="b")
    assert found == 'unknown key "names"'


def test_many_unknown_keys_are_counted():
    ((_, found, _),) = faults("case", GOOD["case"], **{f"q{number}": 1 for number in range(9)})
    assert found == 'unknown keys "q0", "q1", "q2", "q3", "q4" and 4 more'


def test_what_is_missing_is_one_fault_with_all_of_it():
    assert [found for _, found, _ in faults("case", {})] == ['no keys "name", "image_path", "expected"']
    assert [found for _, found, _ in faults("case", {**GOOD["case"], "expected": {"expected_boxes": [{}]}})] == [
        'no keys "box", "label"'
    ]


def test_a_golden_with_another_image_than_a_digest_is_refused_in_words():
    told = ("$.image_sha256", '"zz"', "null; or 64 hex digits in lower case")
    assert told in faults("golden", {"image_sha256": "zz"})


def nodes(value: Any) -> list[dict[str, Any]]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    below = [node for part in parts for node in nodes(part)]
    return [value, *below] if isinstance(value, dict) else below


@pytest.mark.parametrize("kind", ["case", "policy", "waivers", "golden"])
def test_every_pattern_of_a_file_that_people_write_has_words(kind):
    patterns = [node for node in nodes(documents.schema(kind)) if isinstance(node.get("pattern"), str)]
    assert patterns
    for node in patterns:
        assert "a text that matches" not in form(node, documents.schema(kind)), node["pattern"]
