"""What the whole gate costs over the plain loop that it replaces.

    python benchmarks/whole_run.py [--revisions v1.0.0,v2.1.0] [--rounds 3] [--default-threads]

Ours: `pytest --revisions A,B` in this repository, a whole process: collection, plan, journal, every case on both
revisions, Python tests, the race, bootstrap, report. The loop: a process that imports ModelScope, and for each revision
loads the pipeline and calls `pipeline(path)` on every image of the suite. Both run on one CPU thread, which is what
ours pins; `--default-threads` leaves torch's default to the loop. pytest loads no other plugin, as after README's first
line in a fresh environment. In turn; prints seconds and the ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOOP = """
import json, sys
import torch
from modelscope.pipelines import pipeline

folders, images, one_thread = json.loads(sys.argv[1])
if one_thread:
    torch.set_num_threads(1)
for folder in folders:
    detect = pipeline("domain-specific-object-detection", model=folder, trust_remote_code=True)
    for image in images:
        detect(image)
"""


def case_images() -> list[str]:
    """The image of every case of the demo suite, one entry a case."""
    suite = ROOT / "suites/phone"
    cases = [json.loads(path.read_text()) for path in sorted((suite / "cases").glob("*.json"))]
    lines = suite / "cases/cases.jsonl"
    if lines.exists():
        cases += [json.loads(line) for line in lines.read_text().splitlines()]
    return [str(suite / case["image_path"]) for case in cases]


def seconds(command: list[str], allowed: tuple[int, ...]) -> float:
    """Wall seconds of one process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"MODELSCOPE_LOG_LEVEL": "40", "CI": "true", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    took = time.perf_counter() - began
    if done.returncode not in allowed:
        raise SystemExit(f"{command[:4]} ended {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", default="v1.0.0,v2.1.0")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--default-threads", action="store_true")
    options = parser.parse_args()
    folders = [str(ROOT / "hub/demo/damoyolo_phone" / name) for name in options.revisions.split(",")]
    images = case_images()
    loop = [sys.executable, "-c", LOOP, json.dumps([folders, images, not options.default_threads])]
    ours = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_damover.plugin.hooks", "--revisions", options.revisions]
    print(f"{len(images)} images, {len(folders)} revisions, {os.cpu_count()} cores")
    rows = []
    seconds(ours, (0, 1, 20))  # not counted: the first run of either reads every library from the disk
    for number in range(options.rounds):
        row = seconds(ours, (0, 1, 20)), seconds(loop, (0,))
        rows.append(row)
        print(f"round {number + 1}: ours {row[0]:.1f} s, plain loop {row[1]:.1f} s, ratio {row[0] / row[1]:.3f}")
    ratio = statistics.median(first / second for first, second in rows)
    print(f"median ratio {ratio:.3f} (wanted: at most 1.15)")


if __name__ == "__main__":
    main()
