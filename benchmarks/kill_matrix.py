"""What is left of a run whose process is killed, and whether it can be gone on with.

    python -m benchmarks.kill_matrix [--moments 50] [--seed 1] [--every 1] [--revisions v1.0.0,v2.1.0]

The demo runs once undisturbed. Then it is started again and again, and at a random moment pytest gets SIGKILL. After
each: no process of the run is left; `damover judge` does not say PASS; every item whose line pytest had printed is in
the journal as finished (of a Python test the line comes before its tear-down, so the last one may be missing); and
`--damover-resume` completes to the answer and the findings of the undisturbed run, but for the times of the race.
Prints a line for each moment and a summary; exit code 1 when anything of that does not hold. `--every 5` takes a copy
of the demo with every fifth of the cases in cases.jsonl, to be done sooner.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.processes import alive, below

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"^(suites/\S.*?::.+?)\[([^\[\]]+)\] (?:PASSED|FAILED|XFAIL|SKIPPED|ERROR)", re.MULTILINE)


@dataclass(frozen=True)
class Demo:
    """How the demo is run and what it comes to undisturbed."""

    revisions: str
    project: Path

    def command(self, reports: Path, *more: str) -> list[str]:
        base = [sys.executable, "-m", "pytest", "-v", "-p", "pytest_damover.plugin.hooks", "-p", "no:cacheprovider"]
        chosen = ["--revisions", self.revisions, "--damover-reports", str(reports), "--damover-device", "cpu"]
        return [*base, *chosen, *more]

    def run(self, reports: Path, *more: str) -> tuple[int, str]:
        done = subprocess.run(
            self.command(reports, *more), cwd=self.project, capture_output=True, text=True, env=environment()
        )
        return done.returncode, done.stdout + done.stderr


def environment() -> dict[str, str]:
    return {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def a_copy(project: Path, every: int) -> Path:
    """The demo's project, with every so many-th of the cases in cases.jsonl."""
    project.mkdir()
    for name in ("hub", "golden", "suites"):
        shutil.copytree(ROOT / name, project / name)
    for name in ("pyproject.toml", "revisions.lock"):
        shutil.copy(ROOT / name, project / name)
    cases, policy = project / "suites/phone/cases/cases.jsonl", project / "suites/phone/gate.toml"
    cases.write_text("".join(cases.read_text().splitlines(keepends=True)[::every]))
    if every > 1:  # what it shows is less, and must be allowed to be
        policy.write_text(
            re.sub(r"^(min_(?:cases|images|objects|slice_images)) = \d+", r"\1 = 1", policy.read_text(), flags=re.M)
        )
    return project


def findings(folder: Path) -> list[dict[str, Any]]:
    """What the verdict rests on, without what time and another command line decide."""
    verdict = json.loads((folder / "verdict.json").read_text())
    timed = ("value", "interval", "baseline", "candidate", "message", "verdict", "reason", "detectable")
    return [
        {key: found[key] for key in found if key != "rerun" and not (found["rule"] == "latency" and key in timed)}
        for candidate in verdict["candidates"]
        for found in candidate["findings"]
        if found["rule"] != "resume"
    ]


def answer(folder: Path) -> str:
    """The verdict without the race's, which two runs of one machine may decide differently."""
    order = ["ERROR", "FAIL", "INCONCLUSIVE", "PASS"]
    verdict = json.loads((folder / "verdict.json").read_text())
    found = [one for candidate in verdict["candidates"] for one in candidate["findings"] if one["rule"] != "latency"]
    return min((one["verdict"] for one in found), key=order.index)


def killed(demo: Demo, reports: Path, moment_s: float) -> tuple[bool, str, list[int]]:
    """Start the demo and kill it: whether it was still running, what it had printed, and which process outlived it."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            demo.command(reports), cwd=demo.project, stdout=output, stderr=output, env=environment()
        )
        try:
            process.wait(moment_s)
        except subprocess.TimeoutExpired:
            started = [process.pid, *below(process.pid)]
            process.send_signal(signal.SIGKILL)
            process.wait()
            left = alive(started)
            output.seek(0)
            return True, output.read(), left
    return False, "", []


def printed_items(output: str, plan: dict[str, Any]) -> list[str]:
    """Keys of the items whose line was printed, in order."""
    roots = {f"{suite['root']}/": suite["name"] for suite in plan["suites"]}
    keys = []
    for node, variant in LINE.findall(output):
        root = next(root for root in roots if node.startswith(root))
        file, _, name = node.removeprefix(root).partition("::")
        revision, _, rest = variant.partition("-") if file.endswith(".py") else (variant, "", "")
        revision = next((one for one in revisions_of(plan) if variant.startswith(one)), revision)
        rest = variant.removeprefix(revision).removeprefix("-")
        if file.endswith(".py"):
            keys.append(f"{roots[root]}/{file}::{name}{f'[{rest}]' if rest else ''}:test@{revision}")
        else:
            probe = "latency" if name == "latency" else "detect"
            keys.append(f"{roots[root]}/{name}:{probe}@{revision}")
    return keys


def revisions_of(plan: dict[str, Any]) -> list[str]:
    return [one["name"] for one in (plan["baseline"], *plan["candidates"]) if one]


def lost(output: str, folder: Path) -> list[str]:
    """Items whose line was printed and that are not in the journal as finished."""
    plan = json.loads((folder / "plan.json").read_text())
    lines = (folder / "journal.jsonl").read_text(errors="replace").split("\n")[:-1]
    done = {record["item"] for record in map(json.loads, lines) if record["kind"] == "finish"}
    printed = printed_items(output, plan)
    if printed and ":test@" in printed[-1]:
        printed.pop()
    planned = {"{}/{}:{}@{}".format(*item) for item in plan["items"]}
    return [key for key in printed if key in planned and key not in done]


def look_after(demo: Demo, reports: Path, output: str, whole: Path) -> tuple[str, list[str]]:
    """What had become of a run when it was killed, and everything that is wrong with what is left of it."""
    folders = [path for path in reports.glob("*") if path.is_dir() and not path.is_symlink()]
    if not folders or not (folders[0] / "journal.jsonl").exists() or not (folders[0] / "plan.json").exists():
        return "no run yet", []
    folder = folders[0]
    if not (folder / "journal.jsonl").read_bytes().count(b"\n"):
        return "no run yet", []
    wrong = [f"printed, and not in the journal: {key}" for key in lost(output, folder)]
    ended = b'"kind":"end"' in (folder / "journal.jsonl").read_bytes()
    judged = subprocess.run(
        [sys.executable, "-m", "pytest_damover.cli", "judge", str(folder)],
        cwd=demo.project,
        capture_output=True,
        text=True,
        env=environment(),
    )
    done = (folder / "journal.jsonl").read_bytes().count(b'"kind":"finish"')
    if ended:
        return f"complete ({done})", [*wrong, *(["judged otherwise"] if findings(folder) != findings(whole) else [])]
    if judged.returncode in (0, 4):
        wrong.append(f"damover judge: exit code {judged.returncode}: {judged.stdout}{judged.stderr}")
    code, said = demo.run(reports, "--damover-resume", folder.name)
    new = (reports / "latest").resolve()
    if new == folder.resolve() or not (new / "verdict.json").exists():
        return f"{done} done", [*wrong, f"not gone on with, exit code {code}: {said[-1500:]}"]
    if findings(new) != findings(whole) or answer(new) != answer(whole):
        unlike = [one for one in findings(new) if one not in findings(whole)]
        wrong.append(f"another end, exit code {code}: {json.dumps(unlike)[:1500]}")
    return f"{done} done", wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--revisions", default="v1.0.0,v2.1.0")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="kill-matrix-"))
    demo = Demo(options.revisions, a_copy(place / "project", options.every))
    reports = demo.project / "reports"  # inside, for pytest takes what exists elsewhere for a root folder
    chance = random.Random(options.seed)
    began = time.perf_counter()
    code, said = demo.run(reports / "whole")
    took_s = time.perf_counter() - began
    whole = reports / "whole/latest"
    if not (whole / "verdict.json").exists():
        raise SystemExit(f"the undisturbed run ended {code}:\n{said[-3000:]}")
    print(
        f"undisturbed: {took_s:.1f} s, {answer(whole)}, exit code {code}, {len(findings(whole))} findings", flush=True
    )
    seen, wrongs, number = Counter[str](), 0, 0
    while number < options.moments:
        moment_s, folder = chance.uniform(0, took_s), reports / f"moment-{number + 1:02}"
        was_running, output, left = killed(demo, folder, moment_s)
        if not was_running:  # the machine has less to do than it had: it took less than that
            took_s = min(took_s, moment_s)
            shutil.rmtree(folder, ignore_errors=True)
            continue
        number += 1
        state, wrong = look_after(demo, folder, output, whole)
        wrong += [f"processes that outlived it: {left}"] if left else []
        seen["wrong" if wrong else re.sub(r"[\d() ]+", " ", state).strip()] += 1
        wrongs += bool(wrong)
        print(f"{number:3}  {moment_s:6.2f} s  {state:16}  {'; '.join(wrong) or 'as it should be'}", flush=True)
    print(f"{options.moments} moments: {dict(seen)}; wrong: {wrongs}")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
