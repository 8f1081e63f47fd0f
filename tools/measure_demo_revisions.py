"""What the demo revisions make of the demo suite, through the real pipeline.

Run with ``python -m tools.measure_demo_revisions``.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from tools.demo_training.evaluate import average_precision, detect, load_pipeline, matched

ROOT = Path(__file__).resolve().parents[1]
SLICES = ("all", "day", "night", "small", "occluded", "crowd", "none")
RESAMPLES = 2000


@dataclass(slots=True)
class Answer:
    """What one revision made of one case."""

    scores: NDArray[np.float32]
    hits: NDArray[np.bool_]
    passed: bool
    seconds: float


def main() -> None:
    """Measure, then print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hub", type=Path, default=ROOT / "hub" / "demo" / "damoyolo_phone")
    parser.add_argument("--suite", type=Path, default=ROOT / "suites" / "phone")
    options = parser.parse_args()
    cases = _read_cases(options.suite)
    names = sorted(path.name for path in options.hub.iterdir() if any(path.glob("*.pt")))
    answers = {name: _answers(options.hub / name, options.suite, cases) for name in names}
    members = {name: [_in_slice(case, name) for case in cases] for name in SLICES}
    for name in names:
        _print_absolute(name, cases, answers[name], members)
    for name in names[1:]:
        _print_pair(names[0], name, cases, answers, members)


def _read_cases(suite: Path) -> list[dict[str, Any]]:
    cases = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(suite.glob("cases/*.json"))]
    lines = (suite / "cases" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return cases + [json.loads(line) for line in lines]


def _in_slice(case: dict[str, Any], name: str) -> bool:
    return "slices" in case and (name == "all" or name in case["slices"])


def _answers(folder: Path, suite: Path, cases: list[dict[str, Any]]) -> list[Answer]:
    detector = load_pipeline(folder)
    detect(detector, np.zeros((240, 320, 3), dtype=np.uint8))
    answers = []
    for case in tqdm(cases, desc=folder.name, unit="image", mininterval=10):
        rgb = np.asarray(Image.open(suite / case["image_path"]).convert("RGB"))
        expected = case["expected"]
        truth = _truth(case)
        started = time.perf_counter()
        boxes, scores = detect(detector, rgb)
        seconds = time.perf_counter() - started
        sure = scores >= expected["confidence_threshold"]
        found = matched(boxes[sure], scores[sure], truth)
        counted = expected["min_objects"] <= sure.sum() <= expected["max_objects"]
        passed = bool(counted and found.sum() == len(truth))
        answers.append(Answer(scores, matched(boxes, scores, truth), passed, seconds))
    return answers


def _truth(case: dict[str, Any]) -> NDArray[np.float32]:
    boxes = [entry["box"] for entry in case["expected"].get("expected_boxes", [])]
    return np.array(boxes, dtype=np.float32).reshape(-1, 4)


def _ap(cases: list[dict[str, Any]], answers: list[Answer], times: NDArray[np.float32]) -> float:
    """AP50 in which the image ``i`` counts ``times[i]`` times."""
    scores = np.concatenate([answer.scores for answer in answers])
    hits = np.concatenate([answer.hits for answer in answers])
    weights = np.repeat(times, [len(answer.scores) for answer in answers])
    truths = sum(len(_truth(case)) * float(n) for case, n in zip(cases, times, strict=True))
    return average_precision(scores, hits, weights.astype(np.float32), truths)


def _print_absolute(
    name: str, cases: list[dict[str, Any]], answers: list[Answer], members: dict[str, list[bool]]
) -> None:
    milliseconds = 1000 * float(np.median([answer.seconds for answer in answers]))
    print(f"\n{name}: {milliseconds:.1f} ms an image (median, one thread)")
    for label, inside in members.items():
        mine = [i for i, yes in enumerate(inside) if yes]
        ap = _ap([cases[i] for i in mine], [answers[i] for i in mine], np.ones(len(mine), dtype=np.float32))
        passed = sum(answers[i].passed for i in mine)
        print(f"  {label:9} AP50 {100 * ap:5.1f}   passed {passed}/{len(mine)}")
    for severity in ("critical", "major", "minor", "classic"):
        mine = [i for i, case in enumerate(cases) if case.get("severity", "classic") == severity]
        print(f"  {severity:9} passed {sum(answers[i].passed for i in mine)}/{len(mine)}")


def _print_pair(
    baseline: str, candidate: str, cases: list[dict[str, Any]], answers: dict[str, list[Answer]],
    members: dict[str, list[bool]],
) -> None:  # fmt: skip
    old, new = answers[baseline], answers[candidate]
    ratio = np.median([b.seconds for b in new]) / np.median([a.seconds for a in old])
    print(f"\n{baseline} -> {candidate}: latency ratio {ratio:.2f}")
    rng = np.random.default_rng(0)
    for label, inside in members.items():
        mine = [i for i, yes in enumerate(inside) if yes]
        if not any(len(_truth(cases[i])) for i in mine):
            continue
        chosen = [cases[i] for i in mine]
        before, after = [old[i] for i in mine], [new[i] for i in mine]
        draws = rng.multinomial(len(mine), np.full(len(mine), 1 / len(mine)), RESAMPLES).astype(np.float32)
        deltas = [100 * (_ap(chosen, after, times) - _ap(chosen, before, times)) for times in draws]
        once = np.ones(len(mine), dtype=np.float32)
        point = 100 * (_ap(chosen, after, once) - _ap(chosen, before, once))
        low, high = np.percentile(deltas, [2.5, 97.5])
        print(f"  {label:9} delta AP50 {point:+5.1f}  [{low:+5.1f}, {high:+5.1f}]  n={len(mine)}")
    broken = [case for case, a, b in zip(cases, old, new, strict=True) if a.passed and not b.passed]
    fixed = sum(b.passed and not a.passed for a, b in zip(old, new, strict=True))
    for severity in ("critical", "major", "minor", "classic"):
        names = [case["name"] for case in broken if case.get("severity", "classic") == severity]
        print(f"  broken, {severity}: {len(names)} {' '.join(names)}")
    print(f"  fixed: {fixed}")


if __name__ == "__main__":
    main()
