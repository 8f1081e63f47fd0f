"""What a report of very many cases takes: seconds, megabytes, beside pytest-html in the same run.

    python benchmarks/report_speed.py [--cases 10000] [--rounds 3] [--peer-python PYTHON] [--peer-tests 10000]

Ours: a run folder of so many cases on two revisions (`large_run.py`), judged and told by a process of its own, as
`damover report RUN` does it. Two numbers: the report step, which writes report.html, summary.md, junit.xml and
ctrf.json; and the whole process, which before that imports, reads and judges by the demo's policy without its race
(AP50 with its slices and AP50:95, 1000 draws each).

Theirs: pytest on so many empty parametrized tests, with `--html` and without, the difference being what the report
adds. It wants an environment of its own, for a plugin that is installed beside the tests of this project changes them:

    python -m venv /tmp/peer && /tmp/peer/bin/pip install pytest-html
    python benchmarks/report_speed.py --peer-python /tmp/peer/bin/python

All processes run in turn. Medians; seconds of CPU stand first and are what the budget is held against, for on a busy
machine the clock runs on while others compute, and the report has one thread. Exits with 1 when the report step or its
file is over the budget.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from large_run import make_run

from pytest_damover import documents
from pytest_damover.domain.errors import Code

ROOT = Path(__file__).parent.parent
BUDGETS = {10_000: (5.0, 10.0), 100_000: (60.0, 25.0)}
"""Cases: seconds of the report step, megabytes of report.html."""
STEPS = """
import json, sys, time
from pathlib import Path

began = time.perf_counter(), time.process_time()
from pytest_damover import remake
from pytest_damover.store import open_run_folder

project = Path(sys.argv[1])
folder = open_run_folder(Path(sys.argv[2]))
judged = remake.judge_folder(folder)
middle = time.perf_counter(), time.process_time()
remake.write_report(folder, judged, project, "en")
end = time.perf_counter(), time.process_time()
print(json.dumps({"judging": [m - b for b, m in zip(began, middle)], "report": [e - m for m, e in zip(middle, end)]}))
"""
PEER_TESTS = "import pytest\n\n\n@pytest.mark.parametrize('number', range({tests}))\ndef test_it(number):\n    pass\n"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock and of CPU."""

    clock: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.cpu:.1f} s of CPU ({self.clock:.1f} s on the clock)"


def run(command: Sequence[str], folder: Path) -> tuple[Took, str]:
    """What a process took that must end with 0, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{command[:3]} ended {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return Took(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), done.stdout


def median(values: Sequence[Took]) -> Took:
    """Of clock and CPU, each for itself."""
    return Took(statistics.median(one.clock for one in values), statistics.median(one.cpu for one in values))


def demo_policy() -> dict[str, Any]:
    """The demo's, without its race, which a made-up run has not had."""
    source = ROOT / "suites/phone/gate.toml"
    policy = documents.parse_toml(source.read_bytes(), str(source), Code.POLICY)
    return {name: rule for name, rule in policy.items() if name != "latency"}


def make_peer(folder: Path, tests: int) -> None:
    """A folder with nothing but the tests, so that no configuration of ours is found."""
    folder.mkdir()
    (folder / "test_empty.py").write_text(PEER_TESTS.format(tests=tests))
    (folder / "pytest.ini").write_text("[pytest]\n")


def peer_rounds(python: str, folder: Path) -> tuple[Took, Took]:
    """pytest with its HTML report, and without."""
    bare = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    told = [*bare, "--html=report.html", "--self-contained-html"]
    return run(told, folder)[0], run([*bare, "-p", "no:html"], folder)[0]


def main() -> int:
    """Make both, time them in turn, print, compare with the budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python", help="of an environment with pytest-html; without it nothing is compared")
    parser.add_argument("--peer-tests", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        project, peer = Path(temporary, "project"), Path(temporary, "peer")
        folder = make_run(project, options.cases, demo_policy())
        make_peer(peer, options.peer_tests)
        wholes, steps, theirs = [], [], []
        for _ in range(options.rounds):
            whole, printed = run([sys.executable, "-c", STEPS, str(project), str(folder)], project)
            wholes.append(whole)
            steps.append(Took(*json.loads(printed)["report"]))
            if options.peer_python:
                theirs.append(peer_rounds(options.peer_python, peer))
        ours_mb = (folder / "report.html").stat().st_size / 1e6
        peer_mb = (peer / "report.html").stat().st_size / 1e6 if theirs else 0.0
    whole, step = median(wholes), median(steps)
    print(f"{options.cases} cases on 2 revisions, {os.cpu_count()} cores, medians of {options.rounds}")
    print(f"ours: the report step {step}, {ours_mb:.1f} MB; the whole process with judging {whole}")
    if theirs:
        print_peer(options.peer_tests, theirs, peer_mb, step, whole)
    return budget(options.cases, step, ours_mb)


def print_peer(tests: int, theirs: Sequence[tuple[Took, Took]], size_mb: float, step: Took, whole: Took) -> None:
    """pytest-html's numbers, and ours in terms of them."""
    told, bare = median([one for one, _ in theirs]), median([one for _, one in theirs])
    added = median([Took(one.clock - other.clock, one.cpu - other.cpu) for one, other in theirs])
    print(f"pytest-html, {tests} tests: adds {added}, {size_mb:.1f} MB; the whole process {told}, without it {bare}")
    ratios = f"{step.cpu / added.cpu:.2f} of what pytest-html adds, {whole.cpu / told.cpu:.2f} of the whole process"
    print(f"ratio of CPU seconds: {ratios}")


def budget(cases: int, step: Took, size_mb: float) -> int:
    """1 when over the budget for so many cases, 0 when within, or when there is none."""
    if cases not in BUDGETS:
        return 0
    seconds, most_mb = BUDGETS[cases]
    within = step.cpu < seconds and size_mb < most_mb
    print(f"budget of the report: {seconds:.0f} s and {most_mb:.0f} MB, {'met' if within else 'NOT met'}")
    return int(not within)


if __name__ == "__main__":
    raise SystemExit(main())
