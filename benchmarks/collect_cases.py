"""What it takes to collect a huge suite: seconds and memory of one `pytest --collect-only` over 100,000 cases.

    python benchmarks/collect_cases.py [--cases 100000] [--revisions v1] [--files]

One case a line of `cases.jsonl`, or with --files one JSON file each. Prints the seconds of the process, its largest
resident memory, and both for one item; exits with 1 above the budget of 30 s and 500 MB.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from case_overhead import environment, make_ours

BUDGET_S = 30
BUDGET_MB = 500
COMMAND = (sys.executable, "-m", "pytest", "-p", "pytest_damover.plugin.hooks", "-p", "no:cacheprovider")


def main() -> int:
    """Collect once, print, compare with the budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--revisions", default="v1", help="each is an item more for every case")
    parser.add_argument("--files", action="store_true", help="one JSON file for each case")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        make_ours(Path(root), options.cases, options.files)
        for name in options.revisions.split(",")[1:]:
            _another_revision(Path(root), name)
        items, seconds = _collect(Path(root), options.revisions)
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{items} items of {options.cases} cases: {seconds:.1f} s, {megabytes:.0f} MB")
    print(f"one item: {seconds / items * 1e6:.0f} us, {megabytes / items * 1024:.1f} KiB")
    return int(not (seconds < BUDGET_S and megabytes < BUDGET_MB))


def _collect(root: Path, revisions: str) -> tuple[int, float]:
    began = time.perf_counter()
    command = [*COMMAND, "--collect-only", "-q", "--revisions", revisions]
    done = subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True)
    seconds = time.perf_counter() - began
    return sum("::case_" in line for line in done.stdout.splitlines()), seconds


def _another_revision(root: Path, name: str) -> None:
    folder = root / "hub/bench/replay" / name
    folder.mkdir()
    record = (root / "hub/bench/replay/v1/detections.json").read_text()
    (folder / "detections.json").write_text(record + "\n" * len(name))


if __name__ == "__main__":
    raise SystemExit(main())
