"""The documents' cases, Python tests and policy, run for real on recorded detections."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .conftest import Document

INI = """\
[tool.pytest.ini_options]
damover_hub = "local"
damover_model = "acme/phones"
damover_detector = "replay"
damover_locked = false
"""
POLICY = """\
schema = 1
[evidence]
min_cases = 4
min_images = 4
min_objects = 3
min_slice_images = 1
"""
OTHERS_OFF = ("-p", "no:cacheprovider", "-p", "no:benchmark")
PHONE = {"boxes": [[10, 10, 50, 90]], "scores": [0.9], "labels": ["phone"]}


def cases_of(document: Document) -> list[dict[str, Any]]:
    """Every case that a page shows."""
    texts = [*document.blocks_in("json"), *"".join(document.blocks_in("jsonl")).splitlines()]
    return [json.loads(text) for text in texts]


def perfect(case: dict[str, Any]) -> dict[str, Any]:
    """Detections that meet every demand of a case."""
    boxes = [truth["box"] for truth in case["expected"].get("expected_boxes", ())]
    if "expected_boxes" not in case["expected"]:
        return PHONE
    return {"boxes": boxes, "scores": [0.9] * len(boxes), "labels": ["phone"] * len(boxes)}


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Path:
    """A suite of the pages' cases and Python tests; v1 and v2 find everything, v3 loses what is night."""
    folder = pytester.path / "suites/phone"
    cases = cases_of(Document("docs/cases.md"))
    for case in cases:
        picture = folder / case["image_path"]
        picture.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((256, 256, 3), (10 * cases.index(case), 80, 120), dtype=np.uint8)
        Image.fromarray(pixels).save(picture)
        if "image_sha256" in case:
            case["image_sha256"] = hashlib.sha256(picture.read_bytes()).hexdigest()
    (folder / "cases").mkdir()
    for case in cases:
        (folder / f"cases/{case['name']}.json").write_text(json.dumps(case), encoding="utf-8")
    (folder / "gate.toml").write_text(POLICY)
    (folder / "test_phone.py").write_text(Document("docs/python-tests.md").blocks_in("python")[0], encoding="utf-8")
    (pytester.path / "pyproject.toml").write_text(INI)
    found = {case["image_path"]: perfect(case) for case in cases}
    lost = {case["image_path"]: {**PHONE, "scores": [0.1]} for case in cases if "night" in case.get("slices", ())}
    record(pytester.path, "v1", found, 0.01)
    record(pytester.path, "v2", found, 0.02)
    record(pytester.path, "v3", found | lost, 0.03)
    return folder


def record(root: Path, revision: str, detections: dict[str, Any], latency_ms: float) -> None:
    """Record a revision in the local hub."""
    folder = root / "hub/acme/phones" / revision
    folder.mkdir(parents=True)
    text = json.dumps({"detections": detections, "latency_ms": latency_ms})
    (folder / "detections.json").write_text(text, encoding="utf-8")


def newest(pytester: pytest.Pytester) -> dict[str, Any]:
    """The newest run's verdict."""
    data: dict[str, Any] = json.loads((pytester.path / "reports/latest/verdict.json").read_text(encoding="utf-8"))
    return data


def test_the_examples_pass(pytester, suite):
    pytester.runpytest_subprocess(*OTHERS_OFF, "--revisions", "v1,v2", "--damover-update-golden")
    assert (pytester.path / "golden/phone/v1/tests/single_phone.cpu.fp32.json").is_file()
    result = pytester.runpytest_subprocess(*OTHERS_OFF, "--revisions", "v1,v2")
    assert result.ret == 0
    plan = json.loads((pytester.path / "reports/latest/plan.json").read_text(encoding="utf-8"))
    assert plan["left_out"] == [
        f"needs a GPU, this run is on cpu: suites/phone/test_phone.py::test_runs_on_the_gpu[{revision}]"
        for revision in ("v1", "v2")
    ]
    assert len(list(suite.glob("cases/*"))) == 4


def test_what_is_lost_at_night_stops_the_candidate(pytester, suite):
    (suite / "test_phone.py").unlink()
    result = pytester.runpytest_subprocess(*OTHERS_OFF, "--revisions", "v1,v3")
    assert result.ret == 1
    found = [one for one in newest(pytester)["candidates"][0]["findings"] if one["verdict"] == "FAIL"]
    assert [one["rule"] for one in found] == ["regressions.critical"]
    assert "till_at_night" in found[0]["message"]


def test_the_policy_example_is_applied(pytester, suite):
    (suite / "test_phone.py").unlink()
    (policy,) = Document("docs/policy.md").blocks_in("toml")
    (suite / "gate.toml").write_text(policy, encoding="utf-8")
    result = pytester.runpytest_subprocess(*OTHERS_OFF, "--revisions", "v1,v2")
    assert result.ret != 21
    rules = {one["rule"] for one in newest(pytester)["candidates"][0]["findings"]}
    assert {"ap50", "ap50.minimum", "latency", "failures.critical", "evidence.images"} <= rules
    assert "policy" not in {
        one["rule"] for one in newest(pytester)["candidates"][0]["findings"] if one["verdict"] != "PASS"
    }
