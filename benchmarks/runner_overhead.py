"""What the child processes cost over running the models in pytest's own process.

    python benchmarks/runner_overhead.py [--revisions v1.0.0,v2.1.0] [--rounds 3]

Both are whole runs of the demo, `--damover-runner process` and `--damover-runner inline`, in turn, in this order and
the other by round; one round before is not counted. Prints the seconds of each and the median ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def seconds(runner: str, revisions: str) -> float:
    """Wall seconds of one whole run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_damover.plugin.hooks"]
    command += ["--revisions", revisions, "--damover-runner", runner, "--damover-device", "cpu"]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    took = time.perf_counter() - began
    if done.returncode not in (0, 1, 20):
        raise SystemExit(f"{runner} ended {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", default="v1.0.0,v2.1.0")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    seconds("process", options.revisions)
    ratios = []
    for number in range(options.rounds):
        order = ("process", "inline") if number % 2 == 0 else ("inline", "process")
        took = {runner: seconds(runner, options.revisions) for runner in order}
        ratios.append(took["process"] / took["inline"])
        print(f"round {number + 1}: process {took['process']:.1f} s, inline {took['inline']:.1f} s, {ratios[-1]:.3f}")
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"median ratio {middle:.3f} (wanted: at most 1.05), from {low:.3f} to {high:.3f}")


if __name__ == "__main__":
    main()
