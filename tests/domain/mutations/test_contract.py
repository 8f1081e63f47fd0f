"""What every mutation must do; a new module in the folder is found here."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.domain import mutations
from pytest_damover.domain.case import Severity
from pytest_damover.domain.detection import EMPTY, Detections, check_contract
from pytest_damover.domain.mutations import Context, registry

WIDTH, HEIGHT = 320, 240
DOCS = Path(__file__).parents[3] / "docs"
OF_THE_OUTPUT = [pytest.param(one, id=one.name) for one in registry() if not one.of_the_image]
OF_THE_IMAGE = [pytest.param(one, id=one.name) for one in registry() if one.of_the_image]


def some_detections(seed, count=12):
    rng = np.random.default_rng(seed)
    corners = rng.uniform((0, 0), (WIDTH - 90, HEIGHT - 90), (count, 2))
    sides = rng.uniform(12, 90, (count, 2))
    return Detections.of(np.hstack([corners, corners + sides]), rng.uniform(0.05, 1, count), ("phone", "cup") * 6)


CROWD = Detections.of([[100, 100, 160, 180], [130, 100, 190, 180]], [0.9, 0.8], ["phone", "phone"])
NIGHT = Context(WIDTH, HEIGHT, ("night",), ("phone", "cup"), before=some_detections(99))


def changed(mutation, found=None, context=NIGHT, seed=1):
    found = some_detections(0) if found is None else found
    return mutation.mutate(found, context, np.random.default_rng(seed))


def test_the_folder_is_the_registry():
    files = {path.stem for path in Path(mutations.__file__).parent.glob("*.py") if not path.stem.startswith("_")}
    assert {mutation.name for mutation in registry()} == files
    assert {Severity.CRITICAL, Severity.MAJOR, Severity.MINOR, None} == {mutation.harm for mutation in registry()}


@pytest.mark.parametrize("mutation", OF_THE_OUTPUT + OF_THE_IMAGE)
def test_it_says_what_it_is_and_how_it_comes_about(mutation):
    assert mutation.harm is None or isinstance(mutation.harm, Severity)
    assert re.fullmatch(r"[A-Z].{15,140}\.", mutation.why)
    assert re.fullmatch(r"[A-Z].{10,100}[^.]", mutation.what), "one line, for it stands in a table"
    assert hasattr(mutation.module, "mutate") is not mutation.of_the_image


COORDINATE = st.floats(0, 1)
BOX = st.tuples(COORDINATE, COORDINATE, st.floats(0.001, 1), st.floats(0.001, 1))


@settings(max_examples=25, deadline=None)
@given(
    size=st.sampled_from([(320, 240), (240, 320), (640, 640)]),
    rows=st.lists(st.tuples(BOX, st.floats(0, 1), st.sampled_from(["phone", "cup"])), max_size=8),
    seed=st.integers(0, 99),
)
@pytest.mark.parametrize("mutation", OF_THE_OUTPUT)
def test_the_result_keeps_the_output_contract_and_the_argument_its_numbers(mutation, size, rows, seed):
    width, height = size
    boxes = [
        (x * (1 - w) * width, y * (1 - h) * height, (x * (1 - w) + w) * width, (y * (1 - h) + h) * height)
        for (x, y, w, h), _, _ in rows
    ]
    found = Detections.of(boxes, [score for _, score, _ in rows], [label for _, _, label in rows])
    before = found.to_json()
    context = Context(width, height, ("night",), ("phone",), before=some_detections(seed))
    check_contract(mutation.mutate(found, context, np.random.default_rng(seed)), width, height)
    assert found.to_json() == before


@pytest.mark.parametrize("mutation", OF_THE_OUTPUT)
def test_a_seed_gives_one_result(mutation):
    assert changed(mutation).to_json() == changed(mutation).to_json()


@pytest.mark.parametrize("mutation", OF_THE_OUTPUT)
def test_it_changes_something_and_a_harmless_one_next_to_nothing(mutation):
    pictures = [some_detections(seed) for seed in range(20)] + [CROWD]
    rng = np.random.default_rng(3)
    results = [mutation.mutate(found, NIGHT, rng) for found in pictures]
    assert any(one.to_json() != found.to_json() for one, found in zip(results, pictures, strict=True))
    if mutation.harm is None:
        for one, found in zip(results, pictures, strict=True):
            assert sorted(one.labels) == sorted(found.labels)
            assert np.abs(np.sort(one.scores) - np.sort(found.scores)).max() < 1e-3
            assert np.abs(np.sort(one.boxes, axis=0) - np.sort(found.boxes, axis=0)).max() < 0.51


@pytest.mark.parametrize("mutation", OF_THE_OUTPUT)
def test_a_picture_without_detections_is_no_reason_to_fail(mutation):
    empty = Context(WIDTH, HEIGHT)
    for seed in range(5):
        check_contract(changed(mutation, EMPTY, empty, seed), WIDTH, HEIGHT)


@pytest.mark.parametrize("mutation", OF_THE_IMAGE)
def test_a_mutation_of_the_picture_gives_a_picture_and_leaves_the_old_one(mutation):
    pixels = np.random.default_rng(0).integers(0, 255, (50, 70, 3), dtype=np.uint8)
    pixels.flags.writeable = False
    first, second = (mutation.mutate_image(pixels, np.random.default_rng(5)) for _ in range(2))
    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert first.shape[2] == 3
    assert np.array_equal(first, second)
    assert first.shape != pixels.shape or not np.array_equal(first, pixels)
    if mutation.harm is None:
        assert np.abs(first.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("page", ["calibration.md", "calibration.zh-CN.md"])
def test_the_printed_table_holds_every_mutation_with_its_harm(page):
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| `")]
    printed = {row[0].strip("|` "): row[2] for row in rows}
    assert printed == {m.name: "harmless" if m.harm is None else m.harm.value for m in registry()}
