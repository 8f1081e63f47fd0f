"""The renderer draws the same scene from the same seed, and its boxes are true."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

from tools.scenes import render
from tools.scenes.recipes import KINDS, SUITE_SEEDS, TRAINING_SEEDS, VALIDATION_SEEDS, recipe


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("night", [False, True])
def test_same_seed_same_bytes(kind: str, night: bool) -> None:
    spec = recipe(kind, night, 160, 120)
    first, second = render(7, spec), render(7, spec)
    assert first.rgb.tobytes() == second.rgb.tobytes()
    assert first.phones == second.phones


def test_another_seed_is_another_scene() -> None:
    spec = recipe("plain", False, 160, 120)
    assert render(1, spec).rgb.tobytes() != render(2, spec).rgb.tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_boxes_lie_inside_the_image(kind: str, seed: int) -> None:
    scene = render(seed, recipe(kind, False, 192, 160))
    assert scene.rgb.shape == (160, 192, 3)
    assert scene.rgb.dtype == np.uint8
    for x1, y1, x2, y2 in scene.boxes.tolist():
        assert 0 <= x1 < x2 <= 192
        assert 0 <= y1 < y2 <= 160


@pytest.mark.parametrize("seed", range(6))
def test_every_labelled_phone_can_be_seen(seed: int) -> None:
    scene = render(seed, recipe("occluded", False, 192, 160))
    assert all(phone.visible_share > 0.25 for phone in scene.phones)


def test_look_alikes_are_not_labelled() -> None:
    assert all(render(seed, recipe("none", False, 160, 120)).phones == () for seed in range(5))


def test_training_validation_and_suite_seeds_are_disjoint() -> None:
    ranges = [set(TRAINING_SEEDS), set(VALIDATION_SEEDS), set(SUITE_SEEDS)]
    assert len(set().union(*ranges)) == sum(len(seeds) for seeds in ranges)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="known: plain, small"):
        recipe("portrait", False, 160, 120)
