"""B12: collecting costs as much as there are cases, and no more; benchmarks/collect_cases.py has the seconds."""

from __future__ import annotations

import json

from pytest_damover import suites

CASES = 2000


def test_b12_each_line_is_read_once_whatever_the_number_of_revisions(project, monkeypatch):
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    case = {"image_path": "images/a.png", "expected": {"min_objects": 1}}
    lines = [json.dumps({"name": f"case_{number}", **case}) + "\n" for number in range(CASES)]
    (project.suite / "cases/cases.jsonl").write_text("".join(lines))
    read = []
    parse = suites.Suite._case
    monkeypatch.setattr(suites.Suite, "_case", lambda *arguments: read.append(1) or parse(*arguments))
    result = project.compare("--collect-only", "-q")
    collected = [line for line in result.outlines if "::case_" in line]
    assert (len(collected), len(set(collected)), len(read)) == (2 * CASES, 2 * CASES, CASES)
