"""What the fuzz tests start from: documents that are good, and how many inputs are tried.

`DAMOVER_FUZZ=10000 python -m pytest tests/fuzz` tries that many inputs for the four readers together.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:  # the tests here share a module
    sys.path.insert(0, ROOT)

RUNS = Path(__file__).parents[1] / "data/runs"
CASE = {
    "name": "day",
    "image_path": "images/day.png",
    "image_sha256": "0" * 64,
    "severity": "minor",
    "slices": ["day", "small"],
    "description": "夜间",
    "expected": {
        "min_objects": 1,
        "max_objects": 2,
        "confidence_threshold": 0.5,
        "labels": ["phone"],
        "forbidden_regions": [[0, 0, 5, 5]],
        "no_duplicates": True,
        "expected_boxes": [{"box": [4, 4, 20, 28], "label": "phone"}],
    },
}
GOLDEN_PATH = "v1/cases/day.cpu.fp32.json"
GOLDEN = {
    "schema": 1,
    "asked_by": "case",
    "name": "day",
    "family": "v1",
    "device": "cpu",
    "gpu": "",
    "precision": "fp32",
    "revision": "v1.0.0",
    "revision_digest": "0" * 64,
    "image_sha256": "1" * 64,
    "tolerance": {"box_px": 2.0, "score": 0.05, "reason": ""},
    "detections": {"boxes": [[4.0, 4.0, 20.5, 28.0]], "scores": [0.9], "labels": ["phone"]},
}
POLICY = """\
schema = 1
[evidence]
min_cases = 1
min_images = 1
min_objects = 0
min_slice_images = 1
device = "cpu"
[regressions]
critical = 0
major = 2
[ap50]
margin = 0.02
confidence = 0.95
resamples = 2000
[ap50.slices]
night = 0.05
[latency]
max_ratio = 1.1
pairs = 24
"""


WAIVERS = """\
schema = 1
[[waiver]]
id = "W-1"
owner = "li.wei@example.com"
reason = "夜间"
expires = "2026-12-31"
[waiver.scope]
cases = ["day", "night"]
candidates = ["v2"]
[[waiver]]
id = "W-2"
owner = "A"
reason = "b"
expires = "2026-11-30"
[waiver.scope]
rule = "ap50"
slice = "night"
worst = -0.08
"""


@pytest.fixture(scope="session")
def good():
    """The bytes of one good document of each kind."""
    return {
        "case": json.dumps(CASE).encode(),
        "golden": json.dumps(GOLDEN).encode(),
        "policy": POLICY.encode(),
        "waivers": WAIVERS.encode(),
        "plan": (RUNS / "ap50-slice-lost/plan.json").read_bytes(),
        "waived": (RUNS / "waived-case/plan.json").read_bytes(),
        "journal": (RUNS / "resumed/journal.jsonl").read_bytes(),
    }
