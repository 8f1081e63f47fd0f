"""Does the demo's gate stop harmful changes of a detector, and let harmless ones pass?

    python benchmarks/mutation_set.py [--seeds 50] [--others 50] [--revision v2.1.0] [--jobs 2] [--run reports/latest]

Runs the demo suite through pytest (`--run` takes a run that is there already), and the real pipeline of `--revision`
once more on every image for each mutation of the image. Then every mutation of `pytest_damover/domain/mutations` is put
in the place of a candidate, `--revision` as it was recorded being the baseline, once for each seed: a seed draws the
images anew, with replacement, and the numbers that a mutation takes from chance. The gate is the real one under the
suite's own gate.toml, without Python tests and race, for which nothing is recorded.

Prints a table in Markdown; AP50 and AP50:95 are what the mutation costs on all images, in points. `--others` is the
number of seeds for what decides nothing, major and minor harm; `--resamples` caps the draws of each interval, to try
the script in less time. Exit code 1 when a critical mutation was not FAIL, or a harmless one not PASS, in a single
trial.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from pytest_damover import detectors, images, remake, store
from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.mutations import Mutation, registry
from pytest_damover.domain.rehearsing.mutation_trials import MutationScore, MutationSet
from pytest_damover.domain.rehearsing.trials import recorded
from pytest_damover.domain.run import Run
from pytest_damover.domain.scoring.matching import match_images
from pytest_damover.domain.scoring.metrics import average_precision
from pytest_damover.domain.verdict import Answer

ROOT = Path(__file__).parent.parent
HUB = ROOT / "hub/demo/damoyolo_phone"
DECIDES = {Severity.CRITICAL: Answer.FAIL, None: Answer.PASS}
"""What must come of a mutation, by its harm."""
IOUS = np.linspace(0.5, 0.95, 10)


def run_folder(revisions: str) -> Path:
    """A fresh run of the demo suite."""
    command = [sys.executable, "-m", "pytest", "-q", "--revisions", revisions]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "CI": "true"}, capture_output=True, text=True)
    if done.returncode not in (0, 1, 20):
        raise SystemExit(f"pytest ended {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return ROOT / "reports/latest"


def seen(trials: MutationSet, revision: str, mutation: Mutation) -> list[Detections]:
    """What the real detector finds in every image after `mutation`."""
    detect = detectors.load_detector("modelscope", HUB / revision, "cpu")
    rng = np.random.default_rng(0)
    found = []
    for case in trials.cases:
        pixels = images.open_image(ROOT / "suites" / case.suite / case.image_path).pixels
        found.append(detect(images.open_image(mutation.mutate_image(pixels, rng))))
    detect.close()
    return found


def precisions(trials: MutationSet, found: Sequence[Detections]) -> tuple[float, float]:
    """AP50 and AP50:95 of `found` over all cases with ground truth."""
    scored = [(c.expected.expected_boxes, one) for c, one in zip(trials.cases, found, strict=True)]
    truths = [truth for truth, _ in scored if truth is not None]
    kept = [one for truth, one in scored if truth is not None]
    values = [average_precision(match_images(truths, kept, float(iou))) or 0.0 for iou in IOUS]
    return values[0], float(np.mean(values))


def tried(run: Run, options: argparse.Namespace, mutation: Mutation) -> tuple[MutationScore, tuple[float, float]]:
    """All trials of one mutation, and what it costs in AP."""
    source = next(one for one in run.plan.revisions if one.name == options.revision)
    trials = MutationSet(run, source, options.resamples)
    found = seen(trials, options.revision, mutation) if mutation.of_the_image else None
    score = trials.score(mutation, range(options.seeds if mutation.harm in DECIDES else options.others), found)
    shown = trials.mutated(mutation, np.random.default_rng(0)) if found is None else found
    before = precisions(trials, [one.found[0] for one in recorded(run, [source])])
    cost = tuple(100 * (after - first) for first, after in zip(before, precisions(trials, shown), strict=True))
    return score, (cost[0], cost[1])


def row(score: MutationScore, cost: tuple[float, float]) -> str:
    """One line of the table."""
    harm = "harmless" if score.mutation.harm is None else score.mutation.harm.value
    rules = ", ".join(f"{rule} {count}" for rule, count in sorted(score.stopped_by.items())) or "–"
    numbers = f"{cost[0]:+.1f} | {cost[1]:+.1f} | {score.caught} | {score.inconclusive} | {score.missed}"
    return f"| `{score.mutation.name}` | {score.mutation.what} | {harm} | {numbers} | {rules} |"


def is_wrong(score: MutationScore) -> bool:
    """A critical one that was not always caught, or a harmless one that did not always pass."""
    wanted = DECIDES.get(score.mutation.harm)
    return wanted is not None and score.answers.get(wanted, 0) != score.trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--others", type=int, default=50)
    parser.add_argument("--resamples", type=int)
    parser.add_argument("--revision", default="v2.1.0")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--run", type=Path)
    options = parser.parse_args()
    folder = options.run or run_folder(f"v1.0.0,{options.revision}")
    run = remake.read_run(store.open_run_folder(folder))
    source = next(one for one in run.plan.revisions if one.name == options.revision)
    unchanged = MutationSet(run, source).unchanged()
    if unchanged.verdict is not Answer.PASS:
        stopped = [finding.message for finding in unchanged.findings if finding.verdict is not Answer.PASS]
        raise SystemExit(f"an exact copy of {options.revision} is {unchanged.verdict.value}: {'; '.join(stopped)}")
    print("| mutation | what it does | harm | AP50 | AP50:95 | FAIL | INCONCLUSIVE | PASS | FAIL by rule |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    order = [None, *Severity]
    mutations = sorted(registry(), key=lambda mutation: order.index(mutation.harm))
    results = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for score, cost in pool.map(partial(tried, run, options), mutations):
            results.append((score, cost))
            print(row(score, cost), flush=True)
    for harm in order:
        scores = [score for score, _ in results if score.mutation.harm is harm]
        trials = sum(score.trials for score in scores)
        counts = ", ".join(f"{answer.value} {sum(s.answers.get(answer, 0) for s in scores)}" for answer in Answer)
        print(f"{'harmless' if harm is None else harm.value}: {len(scores)} mutations, {trials} trials: {counts}")
    raise SystemExit(any(is_wrong(score) for score, _ in results))


if __name__ == "__main__":
    main()
