"""What a JSON case costs: 10,000 trivial ones on the replay detector against 10,000 empty parametrized tests.

    python benchmarks/case_overhead.py [--items 10000] [--rounds 5] [--files]

Both are whole pytest processes, run in turn; ours writes plan, journal (fsynced), verdict, report and summary. Prints
the seconds of each round, the medians, and the median of the pairwise ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

BARE = "import pytest\n\n\n@pytest.mark.parametrize('number', range({items}))\ndef test_nothing(number):\n    pass\n"
POLICY = "schema = 1\n[evidence]\nmin_cases = 1\nmin_images = 1\nmin_objects = 0\nmin_slice_images = 1\n"
INI = """\
[tool.pytest.ini_options]
damover_hub = "local"
damover_model = "bench/replay"
damover_detector = "replay"
damover_locked = false
"""
PHONE = {"boxes": [[10, 10, 50, 50]], "scores": [0.9], "labels": ["phone"]}


def make_ours(folder: Path, items: int, one_file_each: bool) -> None:
    """A project with one suite of `items` cases on one image, and one replay revision."""
    suite, revision = folder / "suites/bench", folder / "hub/bench/replay/v1"
    (suite / "cases").mkdir(parents=True)
    revision.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(INI)
    (suite / "gate.toml").write_text(POLICY)
    Image.new("RGB", (64, 64)).save(suite / "image.png")
    (revision / "detections.json").write_text(json.dumps({"detections": {}, "default": PHONE}))
    expected = {"min_objects": 1, "max_objects": 1}
    cases = [{"name": f"case_{i:05}", "image_path": "image.png", "expected": expected} for i in range(items)]
    if one_file_each:
        for case in cases:
            (suite / f"cases/{case['name']}.json").write_text(json.dumps(case))
    else:
        (suite / "cases/cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))


def environment() -> dict[str, str]:
    """No plugin but the one that is measured, and compiled modules kept, as on a machine where pytest is used daily."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "CI": "true", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def seconds(folder: Path, *arguments: str) -> float:
    """Wall seconds of one pytest process that must end with exit code 0."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment())
    took = time.perf_counter() - began
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", action="store_true", help="one JSON file a case instead of one cases.jsonl")
    parser.add_argument("--no-gate", action="store_true", help="without plan, journal, verdict and report")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        ours, bare = Path(temporary, "ours"), Path(temporary, "bare")
        ours.mkdir()
        bare.mkdir()
        make_ours(ours, options.items, options.files)
        (bare / "test_bare.py").write_text(BARE.format(items=options.items))
        (bare / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
        extra = ["--damover-no-gate"] if options.no_gate else []
        rows = []
        for number in range(options.rounds):
            row = seconds(ours, "-p", "pytest_damover.plugin.hooks", "--revisions", "v1", *extra), seconds(bare)
            rows.append(row)
            print(f"round {number + 1}: ours {row[0]:.2f} s, bare pytest {row[1]:.2f} s, ratio {row[0] / row[1]:.3f}")
    ours_s, bare_s = (statistics.median(column) for column in zip(*rows, strict=True))
    ratio = statistics.median(first / second for first, second in rows)
    print(f"{options.items} items: ours {ours_s:.2f} s ({ours_s / options.items * 1e6:.0f} us an item), ", end="")
    print(
        f"bare pytest {bare_s:.2f} s ({bare_s / options.items * 1e6:.0f} us), ratio {ratio:.3f} (wanted: at most 0.6)"
    )


if __name__ == "__main__":
    main()
