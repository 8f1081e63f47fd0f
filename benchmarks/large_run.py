"""A run folder of many cases, as it lies on disk after a run: what judging and reporting are timed on.

Made up: images of 640 x 480 with 1 to 4 objects of three classes; two siblings that find about 88 % of them, more or
less well placed, and report down to 0.05, so that an image has about eight detections, most of them weak ones. What is
hard for one is hard for the other. Every demand of a case is evaluated as in a run, so cases fail, regress and are put
right; the pictures exist.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pytest_damover.domain.case import Case, case_from_data
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.plan_file import plan_to_text
from pytest_damover.domain.planting.staging import end_of
from pytest_damover.domain.policy import policy_digest, policy_from_data
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.rules.planned import planned_rules
from pytest_damover.domain.run import DETECT, Plan, PlanItem, SuitePlan
from pytest_damover.domain.slicing.image_properties import ImageProperties

LABELS = ("phone", "remote", "watch")
SLICES = ("day", "night", "small", "occluded")
SEVERITIES = ("critical", *["major"] * 6, *["minor"] * 3)
WIDTH_PX, HEIGHT_PX = 640, 480
PICTURES = 40
"""Files under images/; cases share them, for no report shows more than a few hundred."""

Boxes = NDArray[np.float64]


def make_run(project: Path, cases: int, policy: dict[str, Any], seed: int = 20260101) -> Path:
    """Write suite pictures and `reports/made-up/` with plan and journal under `project`; the path of the latter."""
    rng = np.random.default_rng(seed)
    _draw_pictures(rng, project / "suites/made_up/images")
    known = [_objects(rng) for _ in range(cases)]
    planned = _plan(tuple(_case(rng, number, *objects) for number, objects in enumerate(known)), policy)
    folder = project / "reports/made-up"
    folder.mkdir(parents=True)
    plan_text = plan_to_text(planned)
    (folder / "plan.json").write_text(plan_text)
    difficulty = [rng.normal(size=len(boxes)) for boxes, _ in known]
    with (folder / "journal.jsonl").open("w") as journal:
        digest = hashlib.sha256(plan_text.encode()).hexdigest()
        for number, record in enumerate(_records(rng, planned, digest, known, difficulty)):
            journal.write(json.dumps({"seq": number, **record}, ensure_ascii=False, separators=(",", ":")) + "\n")
    return folder


def _draw_pictures(rng: np.random.Generator, folder: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(PICTURES):
        coarse = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number}.jpg", quality=85)


def _objects(rng: np.random.Generator) -> tuple[Boxes, list[str]]:
    count = int(rng.integers(1, 5))
    return _boxes(rng, count), [LABELS[place] for place in rng.choice(len(LABELS), count, p=(0.6, 0.3, 0.1))]


def _boxes(rng: np.random.Generator, count: int) -> Boxes:
    corner = rng.uniform((0, 0), (WIDTH_PX - 160, HEIGHT_PX - 160), (count, 2))
    return np.hstack([corner, corner + rng.uniform(20, 160, (count, 2))]).round(1)


def _case(rng: np.random.Generator, number: int, boxes: Boxes, labels: list[str]) -> Case:
    data = {
        "name": f"made_up_{number:06}",
        "image_path": f"images/{number % PICTURES}.jpg",
        "severity": SEVERITIES[number % len(SEVERITIES)],
        "slices": [name for name in SLICES if rng.random() < 0.3],
        "expected": {
            "confidence_threshold": 0.5,
            "expected_boxes": [{"box": box, "label": label} for box, label in zip(boxes.tolist(), labels, strict=True)],
        },
    }
    text = json.dumps(data)
    return case_from_data(
        data, "made_up", "suites/made_up/cases/cases.jsonl", hashlib.sha256(text.encode()).hexdigest()
    )


def _plan(cases: tuple[Case, ...], policy: dict[str, Any]) -> Plan:
    revisions = [
        Revision(name, name, "bench/made_up", "local", None, (FileEntry("weights.pt", 3, f"{place:064x}"),))
        for place, name in enumerate(("v1", "v2"))
    ]
    read = policy_from_data(policy)
    suite = SuitePlan(
        name="made_up", root="suites/made_up", cases=cases, broken=(), policy=policy,
        policy_source="suites/made_up/gate.toml", policy_faults=(), test_severities={},
        policy_digest=policy_digest(read), rules=planned_rules(read, alone=False),
    )  # fmt: skip
    return Plan(
        run_id="made-up", created_at="2026-01-01T00:00:00+00:00", command="pytest --revisions v1,v2",
        detector="replay", device="cpu", baseline=revisions[0], candidates=(revisions[1],), suites=(suite,),
        items=tuple(PlanItem("made_up", case.name, DETECT, side.name) for side in revisions for case in cases),
        narrowed=(), left_out=(),
    )  # fmt: skip


def _records(
    rng: np.random.Generator,
    planned: Plan,
    plan_digest: str,
    known: list[tuple[Boxes, list[str]]],
    difficulty: list[NDArray[np.float64]],
) -> Iterator[dict[str, Any]]:
    yield {"kind": "begin", "schema": 2, "run_id": planned.run_id, "plan_digest": plan_digest, "environment": {}}
    (suite,) = planned.suites
    for side, skill in zip(planned.revisions, (0.0, 0.1), strict=True):
        yield {"kind": "load", "revision": side.name, "facts": {"score_threshold": 0.05}}
        for case, objects, hard in zip(suite.cases, known, difficulty, strict=True):
            item = PlanItem(suite.name, case.name, DETECT, side.name)
            yield {"kind": "start", "item": item.key}
            found = _found(rng, *objects, strength=2.0 + skill - hard)
            end = {**end_of(item, case.expected, found).to_json(), "device": "cpu", "duration_ns": 30_000_000}
            yield {**end, "image_size_px": (WIDTH_PX, HEIGHT_PX), "image_properties": _like(rng)}
        yield {"kind": "verify", "revision": side.name, "faults": []}
    total = len(planned.items)
    yield {"kind": "end", "reason": "finished", "counts": {"started": total, "finished": total}}


def _found(rng: np.random.Generator, boxes: Boxes, labels: list[str], strength: NDArray[np.float64]) -> Detections:
    """What one side finds: objects by their ease, some twice, and false alarms of mostly low score."""
    ease = strength + rng.normal(0, 0.6, len(boxes))
    hit = np.flatnonzero(ease > 0)
    known = np.append(hit, hit[rng.random(len(hit)) < 0.15])
    score = 1 / (1 + np.exp(-0.8 * ease[known]))
    score[len(hit) :] *= 0.4
    side = np.tile(boxes[known, 2:] - boxes[known, :2], 2)
    near = boxes[known] + side * rng.normal(0, 0.05, side.shape)
    alarms = int(rng.poisson(5))
    mixed = np.clip(np.vstack([near, _boxes(rng, alarms)]), 0, (WIDTH_PX, HEIGHT_PX) * 2)
    told = [labels[place] for place in known] + [LABELS[place] for place in rng.integers(0, len(LABELS), alarms)]
    scores = np.append(score, 0.05 + 0.95 * rng.beta(1, 7, alarms))
    return Detections(mixed.round(3), np.clip(scores, 0.05, 1).round(4), tuple(told))


def _like(rng: np.random.Generator) -> ImageProperties:
    return ImageProperties(*(round(float(value), 3) for value in rng.uniform((30, 20, 50), (220, 80, 1500))))
