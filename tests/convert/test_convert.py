"""A twin appears when it is proven, and only then."""

from pathlib import Path

import pytest

from pytest_damover.convert import convert
from pytest_damover.convert._pictures import generated_images
from pytest_damover.detectors._twin_files import read_twin
from pytest_damover.domain.detection import EMPTY
from pytest_damover.domain.errors import DamoverError
from pytest_damover.hubs._tree import scan
from pytest_damover.images import Image
from pytest_damover.runners import open_runner

from .conftest import Answering, Runner

IMAGES = [Image(f"images/{index}.png") for index in range(3)]


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out" / "v1-data"


def test_a_proven_twin_appears_and_both_are_unloaded(original, target):
    runner = Runner(Answering(loader="code"), Answering())
    proof = convert(*original(), target, IMAGES, runner)
    assert proof.images == len(IMAGES) + len(generated_images())
    assert read_twin(target).folder == target
    assert runner.loaded == {}
    assert list(target.parent.iterdir()) == [target]


def test_it_works_with_no_suite(original, target):
    assert convert(*original(), target, [], Runner(Answering(), Answering())).detections > 0


def test_both_are_loaded_before_anything_is_at_the_target(original, target):
    seen = []
    revision, folder = original()
    runner = Runner(Answering(), Answering(), on_load=lambda path: seen.append((path, target.exists())))
    convert(revision, folder, target, IMAGES, runner)
    assert seen[0] == (folder, False)
    assert seen[1][0].parent == target.parent
    assert not seen[1][1]


@pytest.mark.parametrize(
    ("twin", "match"),
    [
        (Answering(EMPTY), "images/0.png: the twin differs: 0 detections instead of 2"),
        (Answering(loader="code"), "the twin was loaded as 'code'"),
    ],
)
def test_an_unequal_twin_leaves_nothing(original, target, twin, match):
    runner = Runner(Answering(), twin)
    with pytest.raises(DamoverError, match=match):
        convert(*original(), target, IMAGES, runner)
    assert list(target.parent.iterdir()) == []
    assert runner.loaded == {}


def test_an_interrupt_leaves_nothing(original, target):
    class Interrupted(Answering):
        def __call__(self, _):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(*original(), target, IMAGES, Runner(Answering(), Interrupted()))
    assert list(target.parent.iterdir()) == []


def test_a_twin_that_was_changed_while_the_original_ran_is_refused(original, target):
    class Meddling(Answering):
        def __call__(self, image):
            (staging,) = target.parent.iterdir()
            (staging / "planted.json").write_text("{}")
            return super().__call__(image)

    with pytest.raises(DamoverError, match=r"planted\.json"):
        convert(*original(), target, IMAGES, Runner(Meddling(), Answering()))
    assert list(target.parent.iterdir()) == []


def test_an_original_that_changed_itself_gives_no_twin(original, target):
    revision, folder = original()
    runner = Runner(Answering(), Answering(), on_load=lambda _: (folder / "note.txt").write_text("x"))
    with pytest.raises(DamoverError, match=r"note\.txt does not belong to the revision"):
        convert(revision, folder, target, IMAGES, runner)
    assert list(target.parent.iterdir()) == []


def test_a_target_that_appeared_meanwhile_is_left_alone(original, target):
    runner = Runner(Answering(), Answering(), on_load=lambda _: target.mkdir(exist_ok=True))
    with pytest.raises(DamoverError, match="is there already"):
        convert(*original(), target, IMAGES, runner)
    assert list(target.iterdir()) == []


HUB = Path(__file__).parents[2] / "hub"
PICTURES = Path(__file__).parents[2] / "suites" / "phone" / "images"


@pytest.mark.modelscope
@pytest.mark.slow
def test_a_shipped_revision_becomes_data_and_finds_the_same(target):
    pytest.importorskip("modelscope.pipelines")
    from pytest_damover.hubs.local import LocalHub

    hub = LocalHub(HUB)
    revision = hub.resolve("demo/damoyolo_phone", "v2.0.0")
    folder, before = hub.fetch(revision), scan(HUB / "demo/damoyolo_phone/v2.0.0", "")
    runner = open_runner("inline", "modelscope", "cpu")
    images = [Image(path.name, path) for path in sorted(PICTURES.iterdir())[::50]]
    proof = convert(revision, folder, target, images, runner)
    assert proof.images == len(images) + len(generated_images())
    assert proof.detections > 100
    assert scan(folder, "") == before
    twin = runner.load("twin", target)
    assert twin.facts["loader"] == "data"
    runner.close()
