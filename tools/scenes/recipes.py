"""The kinds of scene that training, validation and the demo suite share, and the seeds that keep those three apart."""

from __future__ import annotations

from tools.scenes.spec import SceneSpec

TRAINING_SEEDS = range(1_000_000, 1_100_000)
VALIDATION_SEEDS = range(2_000_000, 2_100_000)
SUITE_SEEDS = range(3_000_000, 3_100_000)

KINDS = ("plain", "small", "occluded", "crowd", "none")


def recipe(kind: str, night: bool, width_px: int, height_px: int) -> SceneSpec:
    """The scene description of a kind at an image size."""
    if kind == "plain":
        return SceneSpec(width_px, height_px, night, phones=(1, 2), phone_length=(0.36, 0.78), look_alikes=(0, 2))
    if kind == "small":
        return SceneSpec(
            width_px, height_px, night, phones=(1, 3), phone_length=(0.12, 0.2), held_share=0.15, look_alikes=(0, 3)
        )
    if kind == "occluded":
        return SceneSpec(width_px, height_px, night, phones=(1, 2), phone_length=(0.34, 0.7), occluded=True)
    if kind == "crowd":
        return SceneSpec(
            width_px, height_px, night, phones=(4, 8), phone_length=(0.22, 0.4), held_share=0.1, look_alikes=(0, 2)
        )
    if kind == "none":
        return SceneSpec(
            width_px, height_px, night, phones=(0, 0), phone_length=(0.3, 0.65), look_alikes=(2, 4), clutter=(0, 4)
        )
    raise ValueError(f"unknown kind of scene {kind!r}; known: {', '.join(KINDS)}")
