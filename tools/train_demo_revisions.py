"""Train the embedded demo revisions: ``python -m tools.train_demo_revisions``.

Each revision trains in a process of its own on one thread; two run at once. Everything is seeded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from tools.demo_training.evaluate import average_precision, detect, load_pipeline, matched
from tools.demo_training.model_card import model_card
from tools.demo_training.repo_folder import WEIGHTS_FILE, write_repo_skeleton
from tools.demo_training.revisions import REVISIONS, DemoRevision, by_name
from tools.demo_training.scene_cache import TRAINING_SIZE, VALIDATION_SIZE, Scene, load_or_draw
from tools.scenes.recipes import TRAINING_SEEDS, VALIDATION_SEEDS

ROOT = Path(__file__).resolve().parents[1]
HUB = ROOT / "hub" / "demo" / "damoyolo_phone"
POOL = 6000
VALIDATION = 400


def main() -> int:
    """Train all revisions, or the ones named."""
    options = _parser().parse_args()
    names = options.only or [revision.name for revision in REVISIONS]
    load_or_draw(options.cache, TRAINING_SEEDS[:POOL], TRAINING_SIZE, options.workers)
    load_or_draw(options.cache, VALIDATION_SEEDS[:VALIDATION], VALIDATION_SIZE, options.workers)
    if len(names) == 1:
        build(by_name(names[0]), options)
        return 0
    return _build_side_by_side([by_name(name) for name in names], options)


def build(revision: DemoRevision, options: argparse.Namespace) -> None:
    """Train one revision into its folder, measure it, write its card."""
    from tools.demo_training.learn import train

    pool = load_or_draw(options.cache, TRAINING_SEEDS[:POOL], TRAINING_SIZE, options.workers)
    scenes = _scenes_of(revision, pool)
    folder = _folder(revision, options)
    write_repo_skeleton(folder, revision.net)
    first = _first_weights(revision, options)
    seconds = train(revision, scenes, folder, first)
    if not revision.published:
        return
    validation = load_or_draw(options.cache, VALIDATION_SEEDS[:VALIDATION], VALIDATION_SIZE, options.workers)
    parameters, measured = measure(folder, validation)
    card = model_card(
        revision, parameters, seconds / 60, options.date.isoformat(), measured,
        (TRAINING_SEEDS[0], VALIDATION_SEEDS[0]),
    )  # fmt: skip
    (folder / "README.md").write_text(card, encoding="utf-8")
    print(card)


def _first_weights(revision: DemoRevision, options: argparse.Namespace) -> Path | None:
    if revision.starts_from is None:
        return None
    weights = _folder(by_name(revision.starts_from), options) / WEIGHTS_FILE
    if not weights.exists():
        raise SystemExit(
            f"{revision.name} starts from {revision.starts_from}, which is not trained yet: "
            f"run again with --only {revision.starts_from} --only {revision.name}"
        )
    return weights


def _scenes_of(revision: DemoRevision, pool: list[Scene]) -> list[Scene]:
    """The first scenes of each hour, as many as the revision asks for, in the pool's order."""
    left = {False: revision.day_scenes, True: revision.night_scenes}
    scenes = []
    for scene in pool:
        if left[scene.night] > 0:
            left[scene.night] -= 1
            scenes.append(scene)
    if any(left.values()):
        raise ValueError(f"{revision.name} asks for more scenes than the pool of {len(pool)} holds: {left} are missing")
    return scenes


def _folder(revision: DemoRevision, options: argparse.Namespace) -> Path:
    place: Path = options.hub if revision.published else options.cache
    return place / revision.name


def measure(folder: Path, scenes: list[Scene]) -> tuple[int, list[tuple[str, int, int, float]]]:
    """Number of parameters, and AP50 over all scenes and by slice."""
    detector = load_pipeline(folder)
    parameters = sum(parameter.numel() for parameter in detector.model.parameters())
    found = []
    for scene in scenes:
        boxes, scores = detect(detector, scene.pixels())
        found.append((scores, matched(boxes, scores, scene.boxes), len(scene.boxes)))
    slices = {"all": [True] * len(scenes), "day": [not s.night for s in scenes], "night": [s.night for s in scenes]}
    slices |= {kind: [scene.kind == kind for scene in scenes] for kind in ("small", "occluded", "crowd", "none")}
    rows = []
    for name, members in slices.items():
        mine = [entry for entry, inside in zip(found, members, strict=True) if inside]
        scores, hits = (np.concatenate([entry[part] for entry in mine]) for part in (0, 1))
        truths = sum(entry[2] for entry in mine)
        ap = average_precision(scores, hits, np.ones(len(scores), dtype=np.float32), truths)
        rows.append((name, len(mine), truths, ap))
    return parameters, rows


def _build_side_by_side(revisions: list[DemoRevision], options: argparse.Namespace) -> int:
    """Start a revision, longest first, as soon as a place is free and the one it starts from is done."""
    waiting = sorted(revisions, key=lambda revision: -revision.steps)
    running: dict[str, subprocess.Popen[bytes]] = {}
    done: set[str] = set()
    planned = {revision.name for revision in revisions}
    while waiting or running:
        for revision in list(waiting):
            ready = revision.starts_from in done or revision.starts_from not in planned
            if ready and len(running) < options.workers:
                running[revision.name] = subprocess.Popen(_command(revision, options), cwd=ROOT)
                waiting.remove(revision)
        for name, process in list(running.items()):
            try:
                code = process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                continue
            del running[name]
            done.add(name)
            if code != 0:
                for other in running.values():
                    other.terminate()
                return code
    return 0


def _command(revision: DemoRevision, options: argparse.Namespace) -> list[str]:
    return [
        sys.executable, "-m", "tools.train_demo_revisions", "--only", revision.name, "--hub", str(options.hub),
        "--cache", str(options.cache), "--date", options.date.isoformat(),
    ]  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=[revision.name for revision in REVISIONS])
    parser.add_argument("--hub", type=Path, default=HUB)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "damover_demo_scenes")
    parser.add_argument("--workers", type=int, default=2, help="processes at once, one thread each")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the date on the model card")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
