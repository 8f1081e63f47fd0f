"""The parts of training and measuring that need no torch."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")

from tools.demo_training.augment import augmented
from tools.demo_training.evaluate import average_precision, matched
from tools.demo_training.repo_folder import write_repo_skeleton
from tools.demo_training.revisions import BASE_NET, REVISIONS, STRONG, by_name
from tools.make_phone_suite import severity_of
from tools.scenes.compose import PhoneFact, Rendered


def test_boxes_follow_the_picture_through_augmentation() -> None:
    """A white block on black: wherever it goes, its box goes."""
    picture = np.zeros((96, 96, 3), dtype=np.uint8)
    picture[20:50, 30:70] = 255
    boxes = np.array([[30, 20, 70, 50]], dtype=np.float32)
    for seed in range(40):
        image, moved = augmented(np.random.default_rng(seed), picture, boxes, STRONG)
        rows, columns = np.nonzero(image.mean(axis=2) > 128)
        if len(moved) == 0 or len(rows) == 0:
            continue
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert np.abs(moved[0] - seen).max() <= 2


def test_average_precision_by_hand() -> None:
    """Three truths; hits at ranks 1 and 3: precision 1 up to recall 1/3, 2/3 up to 2/3, then nothing."""
    scores = np.array([0.9, 0.8, 0.7], dtype=np.float32)
    hits = np.array([True, False, True])
    ap = average_precision(scores, hits, np.ones(3, dtype=np.float32), 3)
    assert ap == pytest.approx((34 * 1 + 33 * 2 / 3) / 101, abs=1e-6)


def test_a_truth_is_matched_once() -> None:
    box = np.array([[0, 0, 10, 10]], dtype=np.float32)
    hits = matched(np.repeat(box, 2, axis=0), np.array([0.5, 0.9], dtype=np.float32), box)
    assert hits.tolist() == [False, True]


def test_skeleton_is_a_repo_folder_without_weights(tmp_path: Path) -> None:
    write_repo_skeleton(tmp_path, BASE_NET)
    stages = ast.literal_eval((tmp_path / "structure.txt").read_text(encoding="utf-8"))
    assert [stage["out"] for stage in stages] == [16, 24, 32, 48, 48, 96]
    assert {path.name for path in tmp_path.iterdir()} == {
        "configuration.json", "damoyolo.py", "structure.txt", "class_map.pkl",
    }  # fmt: skip


def test_only_v2_0_0_never_saw_the_night() -> None:
    published = [revision for revision in REVISIONS if revision.published]
    assert [revision.name for revision in published] == ["v1.0.0", "v1.1.0", "v2.0.0", "v2.1.0"]
    assert [revision.name for revision in published if revision.night_scenes == 0] == ["v2.0.0"]


def test_an_unknown_revision_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"known: v1\.0\.0"):
        by_name("v9.9.9")


@pytest.mark.parametrize(
    ("kind", "night", "phones", "severity"),
    [
        ("plain", False, [((10, 10, 150, 200), 1.0)], "critical"),
        ("plain", False, [((10, 10, 150, 200), 0.6)], "major"),
        ("plain", False, [((10, 10, 60, 80), 1.0)], "major"),
        ("plain", True, [((10, 10, 150, 200), 1.0)], "major"),
        ("occluded", False, [((10, 10, 150, 200), 0.5)], "major"),
        ("crowd", False, [((10, 10, 150, 200), 1.0)], "minor"),
        ("none", True, [], "minor"),
    ],
)  # fmt: skip
def test_severity_follows_from_the_scene(kind: str, night: bool, phones: list[tuple], severity: str) -> None:
    facts = tuple(PhoneFact(box, share, True) for box, share in phones)
    scene = Rendered(np.zeros((240, 320, 3), dtype=np.uint8), facts)
    assert severity_of(kind, night, scene, 240) == severity
