"""The clean run: a real one, of two cases on recorded detections, without what differs from day to day."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from tools.run_folders.folder import Folder

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
min_cases = 1
min_images = 1
min_objects = 1
min_slice_images = 1
"""
CASES = ("day", "night")
PHONE = {"boxes": [[4, 4, 20, 28]], "scores": [0.9], "labels": ["phone"]}
COMMAND = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--revisions", "v1,v2")


def clean_run(root: Path) -> Folder:
    """Run the small project in the empty folder `root`, and take what came of it."""
    _write_project(root)
    done = subprocess.run(COMMAND, cwd=root, env={**os.environ, "CI": "true"}, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"the clean run is no PASS:\n{done.stdout}{done.stderr}")
    run = root / "reports/latest"
    records = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
    return _settled(Folder(json.loads((run / "plan.json").read_text()), records))


def _write_project(root: Path) -> None:
    suite = root / "suites/toy"
    (suite / "cases").mkdir(parents=True)
    (suite / "images").mkdir()
    (root / "pyproject.toml").write_text(INI)
    (suite / "gate.toml").write_text(POLICY)
    for number, name in enumerate(CASES):
        picture = suite / f"images/{name}.png"
        Image.new("RGB", (32, 32), (number, 80, 120)).save(picture)
        (suite / f"cases/{name}.json").write_text(json.dumps(_case(name)))
    for tag, more in (("v1", {}), ("v2", {"latency_ms": 0})):
        folder = root / f"hub/acme/phones/{tag}"
        folder.mkdir(parents=True)
        (folder / "detections.json").write_text(json.dumps({"detections": {}, "default": PHONE, **more}))


def _case(name: str) -> dict[str, Any]:
    expected = {"expected_boxes": [{"box": PHONE["boxes"][0], "label": "phone"}]}
    return {"name": name, "image_path": f"images/{name}.png", "slices": [name], "expected": expected}


def _settled(run: Folder) -> Folder:
    """Without clock, machine and package; the images' bytes depend on the library that wrote them."""
    command = "pytest --revisions v1,v2"
    run.plan.update(run_id="clean", created_at="2026-01-01", command=command, code="0.1.0", notes=[], differences={})
    run.suite["images"] = {path: f"{place:064x}" for place, path in enumerate(run.suite["images"])}
    begin = run.records[0]
    begin.update(run_id="clean", environment={"python": "3.11.7", "system": "Linux"})
    for record in run.of_kind("load"):
        record["facts"].pop("load_ns")
    for record in run.of_kind("finish"):
        record["duration_ns"] = 1000
    run.seal()
    return run
