"""A run made by hand: phones by day and by night, and a candidate that loses at night."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from pytest_damover.domain.case import Case, case_from_data
from pytest_damover.domain.comparing.comparison import Comparison
from pytest_damover.domain.gate import compare_candidates, judge, planned_policies
from pytest_damover.domain.journal import Finished, ItemOutcome, Journal, Outcome
from pytest_damover.domain.revision import FileEntry, Revision
from pytest_damover.domain.run import DETECT, LATENCY, TEST, Plan, PlanItem, Run, SuitePlan
from pytest_damover.domain.verdict import Verdict
from pytest_damover.report import html
from tests.report.chromium import Chromium, Pages, picture, started

SIZE_PX = (640, 480)
POLICY: dict[str, Any] = {
    "schema": 1,
    "evidence": {"min_cases": 100, "min_images": 100, "min_objects": 100, "min_slice_images": 20},
    "regressions": {"critical": 0, "major": 2, "minor": 5},
    "ap50": {"margin": 0.02, "slices": {"night": 0.05, "small": 0.05}, "minimum": 0.7, "resamples": 200},
    "latency": {"max_ratio": 1.1, "pairs": 24},
}
PLAN_DIGEST, JOURNAL_DIGEST = ("5f" * 32, "a7" * 32)
ANSWERS = ("FAIL", "PASS", "INCONCLUSIVE", "ERROR")
Skill = dict[str, float]
GOOD: Skill = {"day": 0.97, "night": 0.93, "pace": 1.0}
BLIND_AT_NIGHT: Skill = {"day": 0.985, "night": 0.6, "pace": 1.04}
BETTER: Skill = {"day": 0.99, "night": 0.97, "pace": 0.72}


def make_revision(name: str, changed: Sequence[str] = ("pytorch_model.pt", "README.md")) -> Revision:
    """A revision whose listed files differ from those of other names; the rest are common to all."""
    sizes = {"README.md": 3120, "configuration.json": 842, "damoyolo_phone.py": 5120, "pytorch_model.pt": 2_310_442}
    files = tuple(
        FileEntry(path, size, hashlib.sha256(f"{path} {name if path in changed else ''}".encode()).hexdigest())
        for path, size in sorted(sizes.items())
    )
    return Revision(name, name, "demo/damoyolo_phone", "local", None, files)


def make_case_data(index: int, random_state: random.Random) -> dict[str, Any]:
    """One case by number: every third by night, every fifth small."""
    light = "night" if index % 3 == 0 else "day"
    slices = [light, *(["small"] if index % 5 == 0 else []), *(["crowd"] if index % 11 == 0 else [])]
    boxes = []
    for place in range(3 if "crowd" in slices else 1 + index % 2):
        side = 60 if "small" in slices else 150
        x, y = 30 + place * 200 + random_state.random() * 40, 60 + random_state.random() * 200
        boxes.append({"box": [x, y, x + side * 0.6, y + side], "label": "phone"})
    return {
        "name": f"{light}_{index:04d}",
        "image_path": f"images/{light}_{index:04d}.jpg",
        "severity": ("critical", "major", "minor")[0 if index % 9 == 0 else 1 + index % 2],
        "slices": slices,
        "expected": {"confidence_threshold": 0.5, "expected_boxes": boxes},
    }


def make_suite(count: int, name: str = "phone", policy: dict[str, Any] | None = POLICY) -> SuitePlan:
    """A suite of `count` cases."""
    random_state = random.Random(7)
    cases = [make_case_data(index, random_state) for index in range(count)]
    return SuitePlan(
        name=name,
        root=f"suites/{name}",
        cases=tuple(
            case_from_data(data, name, f"suites/{name}/cases/demo.json", f"{index:064x}")
            for index, data in enumerate(cases)
        ),
        broken=(),
        policy=policy,
        policy_source=f"suites/{name}/gate.toml",
        policy_faults=(),
        test_severities={"test_phone.py::test_empty_image": "critical"},
    )


def detect(case: Case, chance: float) -> tuple[dict[str, Any], bool]:
    """Detections of one image, and whether every object was found; a better revision finds what a worse one finds."""
    random_state = random.Random(case.digest)
    boxes, scores, is_whole = [], [], True
    for truth in case.expected.expected_boxes or ():
        is_found = random_state.random() < chance
        is_whole = is_whole and is_found
        shift = 0 if is_found else 70
        boxes.append([edge + shift + random_state.uniform(-3, 3) for edge in truth.box])
        score = random_state.random()
        scores.append(0.62 + 0.35 * score if is_found else 0.15 + 0.5 * score)
    if random_state.random() < 0.05:
        boxes.append([400.0, 380.0, 470.0, 450.0])
        scores.append(random_state.uniform(0.2, 0.49))
    return {"boxes": boxes, "scores": scores, "labels": ["phone"] * len(boxes)}, is_whole


def run_revision(suite: SuitePlan, name: str, skill: Skill) -> list[Finished]:
    """Every case of the suite on one revision."""
    ends = []
    for case in suite.cases:
        detections, is_whole = detect(case, skill["night" if "night" in case.slices else "day"])
        message = "1 of the expected boxes has no detection at IoU >= 0.5 and score >= 0.5"
        ends.append(
            Finished(
                item=PlanItem(suite.name, case.name, DETECT, name).key,
                outcome=ItemOutcome.PASSED if is_whole else ItemOutcome.FAILED,
                device="cpu",
                duration_ns=12_000_000,
                image_size_px=SIZE_PX,
                detections=detections,
                failed_expectations=() if is_whole else (Outcome("expected_boxes", False, message),),
            )
        )
    return [
        *ends,
        Finished(PlanItem(suite.name, "test_phone.py::test_empty_image", TEST, name).key, ItemOutcome.PASSED),
    ]


def race(suite: SuitePlan, name: str, pace: float) -> Finished:
    """Forty interleaved pairs of times."""
    random_state = random.Random(f"race {name}")
    times = [(random_state.gauss(12.4e6, 0.5e6), random_state.gauss(12.4e6 * pace, 0.5e6)) for _ in range(40)]
    pairs_ns = tuple((int(first), int(second)) for first, second in times)
    return Finished(PlanItem(suite.name, "*", LATENCY, name).key, ItemOutcome.PASSED, device="cpu", pairs_ns=pairs_ns)


def make_run(
    skills: dict[str, Skill],
    count: int = 210,
    alone: bool = False,
    ended: str | None = "finished",
    lost: int = 0,
    suite: SuitePlan | None = None,
    **plan_fields: Any,
) -> Run:
    """A run over the named revisions, the first being the baseline; the last `lost` items have no end."""
    suite = make_suite(count) if suite is None else suite
    revisions = [make_revision(name) for name in skills]
    ends = [end for name, skill in skills.items() for end in run_revision(suite, name, skill)]
    ends += [] if alone else [race(suite, name, skill["pace"]) for name, skill in list(skills.items())[1:]]
    kept = ends[: len(ends) - lost]
    plan = Plan(
        run_id="20261120-171500-demo",
        created_at="2026-11-20T17:15:00Z",
        command=f"pytest --revisions {','.join(skills)}",
        detector="replay",
        device="cpu",
        baseline=None if alone else revisions[0],
        candidates=tuple(revisions if alone else revisions[1:]),
        suites=(suite,),
        items=tuple(_item(end.item) for end in ends),
        narrowed=(),
        left_out=(),
    )
    environment = {"python": "3.11.7", "torch": "2.13.0+cpu", "modelscope": "1.40.2", "cpu": "2 cores", "os": "Linux"}
    journal = Journal(
        plan.run_id,
        PLAN_DIGEST,
        environment,
        tuple(end.item for end in kept),
        tuple(kept),
        ended,
        verified=tuple((side.name, ()) for side in plan.revisions),
    )
    return Run(replace(plan, **plan_fields), journal, PLAN_DIGEST, JOURNAL_DIGEST)


def judged(run: Run) -> tuple[Run, Verdict, tuple[Comparison, ...]]:
    """The run with what the gate says of it."""
    policies = planned_policies(run.plan)
    comparisons = compare_candidates(run, policies)
    return run, judge(run, comparisons, policies), comparisons


def _item(key: str) -> PlanItem:
    suite, _, rest = key.partition("/")
    case, _, probe = rest.rpartition(":")
    return PlanItem(suite, case, *probe.split("@"))


@pytest.fixture(scope="session")
def failing() -> tuple[Run, Verdict, tuple[Comparison, ...]]:
    """A candidate that loses at night."""
    return judged(make_run({"v1.0.0": GOOD, "v2.0.0": BLIND_AT_NIGHT}))


@pytest.fixture(scope="session")
def make() -> Any:
    """This file's builders, for tests that need a run of their own."""
    import sys

    return sys.modules[__name__]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A headless Chromium; what asks for it is skipped where there is none."""
    with started(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


@cache
def told(answer: str) -> tuple[Run, Verdict, tuple[Comparison, ...]]:
    """A small run that comes to that answer."""
    better = {"v1.0.0": GOOD, "v2.1.0": BETTER}
    evidence = {"min_cases": 10, "min_images": 10, "min_objects": 10, "min_slice_images": 5}
    lenient = POLICY | {"evidence": evidence, "ap50": {"margin": 0.3, "resamples": 200}}
    if answer == "FAIL":
        return judged(make_run({"v1.0.0": GOOD, "v2.0.0": BLIND_AT_NIGHT}, 60))
    if answer == "INCONCLUSIVE":
        return judged(make_run(better, 40, ended=None, lost=30))
    return judged(make_run(better, suite=make_suite(60, policy=lenient if answer == "PASS" else None)))


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """A page by its verdict and its language."""
    folder = tmp_path_factory.mktemp("report")
    pages = {one: {lang: folder / f"{one}-{lang}.html" for lang in ("en", "zh")} for one in ANSWERS}
    for answer, of_answer in pages.items():
        assert told(answer)[1].verdict.value == answer
        for lang, path in of_answer.items():
            path.write_text(html.render(*told(answer), picture, lang), encoding="utf-8")
    return pages
