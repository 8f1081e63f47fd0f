"""What every runner must do; a new module in the folder is found here."""

import json
from importlib import import_module

import numpy as np
import pytest

from pytest_damover import runners
from pytest_damover.domain.errors import DamoverError
from pytest_damover.images import open_image

IMAGE = open_image(np.zeros((16, 16, 3), dtype=np.uint8), "a")


@pytest.fixture
def folders(tmp_path):
    """Two replay revisions: v1 finds one object, v2 two."""
    made = []
    for count in (1, 2):
        folder = tmp_path / f"v{count}"
        folder.mkdir()
        found = {"boxes": [[0, 0, 9, 9]] * count, "scores": [0.9] * count, "labels": ["phone"] * count}
        (folder / "detections.json").write_text(json.dumps({"detections": {}, "default": found}))
        made.append(folder)
    return made


@pytest.fixture(params=runners.names())
def runner(request):
    opened = runners.open_runner(request.param, "replay", "cpu")
    yield opened
    opened.close()


def test_runs_the_revision_that_was_loaded(runner, folders):
    for count, folder in enumerate(folders, 1):
        assert len(runner.load(f"v{count}", folder)(IMAGE)) == count


def test_two_revisions_side_by_side(runner, folders):
    v1 = runner.load("v1", folders[0])
    v2 = runner.load("v2", folders[1], beside=True)
    assert (len(v1(IMAGE)), len(v2(IMAGE))) == (1, 2)


def test_unloading_what_is_not_loaded_does_nothing(runner):
    runner.unload("v1")


@pytest.mark.parametrize("name", runners.names())
def test_every_module_opens_a_runner(name):
    assert callable(import_module(f"pytest_damover.runners.{name}").open_runner)


def test_unknown_runners_are_refused():
    with pytest.raises(DamoverError, match="inline"):
        runners.open_runner("cloud", "replay", "cpu")
