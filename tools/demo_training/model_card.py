"""The README of a revision: what it is, from what, and what was measured."""

from __future__ import annotations

from tools.demo_training.revisions import DemoRevision

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
| training scenes | {scenes:,} of 224 x 224 pixels, {night}, training seeds from {first_seed} |
| training | {steps:,} steps of {batch}, AdamW, one cycle to {rate}, averaged weights, seed {seed}{start} |
| time | {minutes:.1f} minutes on one CPU thread |
| date | {date} |
| licence | Apache-2.0 |

Measured through `modelscope.pipelines.pipeline` on {validation} validation scenes of 320 x 240 pixels, whose seeds
(from {validation_seed}) are in neither the training scenes nor the demo suite:

| slice | images | phones | AP50 |
|---|---|---|---|
{rows}

Made again with

    {command}
"""


def model_card(
    revision: DemoRevision, scenes: int, parameters: int, minutes: float, date: str,
    measured: list[tuple[str, int, int, float]], seeds: tuple[int, int],
) -> str:  # fmt: skip
    """Markdown; ``measured`` has slice, images, phones, AP50 and begins with the slice of all images."""
    rows = "\n".join(
        f"| {name} | {images} | {phones} | {f'{ap:.3f}' if phones else 'no phone to find'} |"
        for name, images, phones, ap in measured
    )
    return CARD.format(
        name=revision.name, summary=revision.summary, widths="-".join(map(str, revision.net.widths)),
        depth=revision.net.neck_depth, parameters=parameters, scenes=scenes,
        night="day and night" if revision.with_night else "day only", first_seed=seeds[0], steps=revision.steps,
        batch=revision.batch, rate=revision.peak_rate, seed=revision.seed,
        start=f", starting from the weights of {revision.starts_from}" if revision.starts_from else "",
        minutes=minutes, date=date, validation=measured[0][1], validation_seed=seeds[1], rows=rows,
        command=f"python -m tools.train_demo_revisions --only {revision.name}",
    )  # fmt: skip
