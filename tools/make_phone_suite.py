"""Render the demo suite ``suites/phone``: ``python -m tools.make_phone_suite``.

Severity follows from what a scene shows, never from what a model made of it; see ``severity_of``.
"""

from __future__ import annotations

import argparse
import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from tools.scenes import Rendered, SceneSpec, render
from tools.scenes.recipes import SUITE_SEEDS, recipe

ROOT = Path(__file__).resolve().parents[1]
SUITE = ROOT / "suites" / "phone"
CREATED_AT = "2026-11-20T00:00:00Z"
JPEG_QUALITY = 80
CONFIDENCE = 0.6
"""The confidence from which DAMO-YOLO's own demo program shows a box (`--conf` of its `tools/demo.py`). 0.5 was
measured too, before this was settled: there v2.1.0 breaks 1 critical, 14 major and 16 minor cases of v1.0.0, here 0, 5
and 7. AP does not depend on it."""
SIZES = ((320, 240), (240, 320), (320, 240), (288, 288))
FILES_OF_THEIR_OWN = 2
"""So many cases of each kind lie in files of their own, for people to read and copy; the rest share one file."""

PLAN: tuple[tuple[str, bool, int], ...] = (
    ("plain", False, 100), ("plain", True, 76), ("small", False, 50), ("small", True, 40), ("occluded", False, 50),
    ("occluded", True, 40), ("crowd", False, 44), ("crowd", True, 36), ("none", False, 44), ("none", True, 30),
)  # fmt: skip
SINGLE = SceneSpec(320, 240, phone_length=(0.68, 0.78), clear=True, look_alikes=(0, 0), clutter=(0, 0))
MULTIPLE = SceneSpec(
    320, 240, phones=(3, 3), phone_length=(0.5, 0.56), held_share=0, look_alikes=(0, 0), clutter=(0, 0),
    max_tilt_deg=20, truncation=False,
)  # fmt: skip
NOTHING = SceneSpec(
    320, 240, phones=(0, 0), phone_length=(0.4, 0.5), look_alikes=(2, 2), clutter=(2, 3), max_tilt_deg=20
)
CLASSIC: tuple[tuple[str, int, SceneSpec, dict[str, Any]], ...] = (
    ("single_phone", 90_000, SINGLE, {"min_objects": 1, "max_objects": 1, "confidence_threshold": 0.8}),
    ("multiple_phones", 90_006, MULTIPLE, {"min_objects": 2, "max_objects": 5, "confidence_threshold": 0.5}),
    ("no_phone", 90_006, NOTHING, {"min_objects": 0, "max_objects": 0, "confidence_threshold": 0.5}),
)


def main() -> None:
    """Write images and cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", type=Path, default=SUITE)
    suite: Path = parser.parse_args().suite
    for folder in ("images", "test_images", "cases"):
        (suite / folder).mkdir(parents=True, exist_ok=True)
    for old in (*suite.glob("images/*.jpg"), *suite.glob("test_images/*.jpg"), *suite.glob("cases/*.json*")):
        old.unlink()
    cases = _scene_cases(suite)
    alone = [case for case in cases if int(case["name"][-3:]) < FILES_OF_THEIR_OWN]
    for case in alone:
        _write_case(suite, case)
    lines = "".join(json.dumps(case) + "\n" for case in cases if case not in alone)
    (suite / "cases" / "cases.jsonl").write_text(lines, encoding="utf-8")
    for name, offset, spec, expected in CLASSIC:
        image_path = f"test_images/{name}.jpg"
        (suite / image_path).write_bytes(_jpeg(render(SUITE_SEEDS[offset], spec)))
        _write_case(suite, {"name": name, "image_path": image_path, "expected": expected, "created_at": CREATED_AT})
    size = sum(path.stat().st_size for path in suite.glob("*images/*.jpg"))
    print(f"{len(cases)} scene cases and {len(CLASSIC)} classic ones, {size / 1e6:.2f} MB of pictures in {suite}")


def _scene_cases(suite: Path) -> list[dict[str, Any]]:
    cases = []
    offset = 0
    progress = tqdm(total=sum(count for _, _, count in PLAN), desc="rendering", unit="image", mininterval=5)
    for kind, night, count in PLAN:
        for number in range(count):
            spec = recipe(kind, night, *SIZES[number % len(SIZES)])
            scene = render(SUITE_SEEDS[offset], spec)
            name = f"{'night' if night else 'day'}_{kind}_{number:03d}"
            image = _jpeg(scene)
            (suite / "images" / f"{name}.jpg").write_bytes(image)
            cases.append(_case(name, kind, night, scene, image, spec))
            offset += 1
            progress.update()
    return cases


def _case(name: str, kind: str, night: bool, scene: Rendered, image: bytes, spec: SceneSpec) -> dict[str, Any]:
    hour = "night" if night else "day"
    count = len(scene.phones)
    boxes = [{"box": [round(value, 1) for value in phone.box], "label": "phone"} for phone in scene.phones]
    return {
        "name": name,
        "image_path": f"images/{name}.jpg",
        "image_sha256": sha256(image).hexdigest(),
        "severity": severity_of(kind, night, scene, min(spec.width_px, spec.height_px)),
        "slices": [hour] if kind == "plain" else [hour, kind],
        "expected": {
            "min_objects": count,
            "max_objects": count,
            "confidence_threshold": CONFIDENCE,
            "iou_threshold": 0.5,
            "expected_boxes": boxes,
        },
        "created_at": CREATED_AT,
    }


def severity_of(kind: str, night: bool, scene: Rendered, short_side_px: int) -> str:
    """critical: one large phone by day, almost all of it to be seen; major: other plain scenes, and phones partly
    covered; minor: small phones, crowds, and pictures without a phone."""
    if kind in ("small", "crowd", "none"):
        return "minor"
    only = scene.phones[0] if len(scene.phones) == 1 else None
    if kind == "plain" and not night and only is not None and only.visible_share >= 0.8:
        longest = max(only.box[2] - only.box[0], only.box[3] - only.box[1])
        if longest >= 0.4 * short_side_px:
            return "critical"
    return "major"


def _jpeg(scene: Rendered) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(scene.rgb).save(stream, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return stream.getvalue()


def _write_case(suite: Path, case: dict[str, Any]) -> None:
    path = suite / "cases" / f"{case['name']}.json"
    path.write_text(json.dumps(case, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
