"""The README of a revision: what it is, from what, and what was measured."""

from __future__ import annotations

from tools.demo_training.revisions import DemoRevision, by_name

CARD = """---
license: Apache License 2.0
tasks:
- domain-specific-object-detection
---
# damoyolo_phone {name}: {summary}

A small DAMO-YOLO that finds phones in drawn pictures. It exists so that the gate of this repository has something
real to judge without a network; it is not meant for photographs.

| | |
|---|---|
| net | backbone widths {widths}, neck depth {depth} |
| parameters | {parameters:,} |
| training scenes | {day:,} by day and {night:,} at night, 224 x 224 pixels, seeds from {first_seed} |
| training | {steps:,} steps of {batch}, AdamW, one cycle to {rate}, averaged weights, seed {seed}{start} |
| time | {minutes:.1f} minutes on one CPU thread{stage} |
| date | {date} |
| licence | Apache-2.0 |

Measured through `modelscope.pipelines.pipeline` on {validation} validation scenes of 320 x 240 pixels, whose seeds
(from {validation_seed}) are in neither the training scenes nor the demo suite:

| slice | images | phones | AP50 |
|---|---|---|---|
{rows}

Made again with

    python -m tools.train_demo_revisions {command}
"""


def model_card(
    revision: DemoRevision, parameters: int, minutes: float, date: str,
    measured: list[tuple[str, int, int, float]], seeds: tuple[int, int],
) -> str:  # fmt: skip
    """Markdown; ``measured`` has slice, images, phones, AP50 and begins with the slice of all images."""
    rows = "\n".join(
        f"| {name} | {images} | {phones} | {f'{ap:.3f}' if phones else 'no phone to find'} |"
        for name, images, phones, ap in measured
    )
    return CARD.format(
        name=revision.name, summary=revision.summary, widths="-".join(map(str, revision.net.widths)),
        depth=revision.net.neck_depth, parameters=parameters, day=revision.day_scenes,
        night=revision.night_scenes, first_seed=seeds[0], steps=revision.steps,
        batch=revision.batch, rate=revision.peak_rate, seed=revision.seed,
        start=_start(revision),
        stage=" for the last stage" if revision.starts_from else "",
        minutes=minutes, date=date, validation=measured[0][1], validation_seed=seeds[1], rows=rows,
        command=" ".join(f"--only {name}" for name in [*(stage.name for stage in _stages(revision)), revision.name]),
    )  # fmt: skip


def _stages(revision: DemoRevision) -> list[DemoRevision]:
    """What must be trained before, first stage first."""
    if revision.starts_from is None:
        return []
    before = by_name(revision.starts_from)
    return [*_stages(before), before]


def _start(revision: DemoRevision) -> str:
    stages = [f"{stage.steps:,} steps on {stage.summary} (seed {stage.seed})" for stage in _stages(revision)]
    return f", after {', then '.join(stages)}" if stages else ""
