"""What moved between two folders: each aspect alone, and files only where nothing else explains them."""

from __future__ import annotations

import json
import math
import pickle
import shutil
import struct
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_damover.anatomy import Anatomy, compare, examine, iter_tensors, read_class_map, read_config
from pytest_damover.anatomy.tensors import Tensor, contiguous
from pytest_damover.anatomy.weights import movement
from pytest_damover.anatomy.window import window_of
from pytest_damover.domain.anatomy import Aspect, Change, Difference
from pytest_damover.domain.safety import SafetyClass

DEMO = Path(__file__).parents[2] / "hub" / "demo" / "damoyolo_phone"


def safetensors(tensors: dict[str, tuple[str, tuple[int, ...], bytes]]) -> bytes:
    header, numbers = {}, b""
    for name, (dtype, shape, data) in tensors.items():
        places = [len(numbers), len(numbers) + len(data)]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": places}
        numbers += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def floats(*numbers: float) -> tuple[str, tuple[int, ...], bytes]:
    return "F32", (len(numbers),), struct.pack(f"<{len(numbers)}f", *numbers)


BASE = {
    "a": floats(3.0, 0.0),
    "b": floats(0.0, 4.0),
    "count": ("I64", (), struct.pack("<q", 7)),
}


@pytest.fixture
def folder(made: Any, tmp_path: Path) -> Any:
    """Writes a revision from the usual files, some of them changed, and examines it."""

    def write(weights: Any = BASE, **changed: bytes | None) -> Anatomy:
        files = {
            "damoyolo.py": made.SOURCE,
            "configuration.json": b'{"preprocessor": {"size_divisible": 32}}',
            "structure.txt": b"[{'k': 3}]",
            "class_map.pkl": pickle.dumps({1: [{"name": "phone"}]}, 2),
            "weights.pt": safetensors(weights),
            "README.md": b"words",
        }
        files |= {name.replace("__", "."): data for name, data in changed.items()}
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        return made.examined(root, {name: data for name, data in files.items() if data is not None})  # type: ignore[no-any-return]

    return write


def changes(found: Difference) -> list[tuple[str, str, str]]:
    return [(change.name, change.before, change.after) for change in found.changes]


def test_nothing_moved(folder: Any) -> None:
    found = compare(folder(), folder())
    assert found == Difference((), weights_shared=3, weights_changed=0, relative_weight_change=0.0)
    assert found.only is None


def test_only_the_confidence_threshold_moved(folder: Any, made: Any) -> None:
    source = made.SOURCE.replace(b'"nms_conf_thre": 0.05', b'"nms_conf_thre": 0.25')
    found = compare(folder(), folder(damoyolo__py=source))
    assert found.only is Aspect.THRESHOLD
    assert changes(found) == [("model.head.nms_conf_thre", "0.05", "0.25")]


@pytest.mark.parametrize(
    ("name", "data", "aspect", "key"),
    [
        ("configuration__json", b'{"preprocessor": {"size_divisible": 64}}', Aspect.INPUT_SIZE,
         "configuration.preprocessor.size_divisible"),
        ("configuration__json", b'{"preprocessor": {"size_divisible": 32}, "task": 1}', Aspect.CONFIG,
         "configuration.task"),
        ("structure__txt", b"[{'k': 5}]", Aspect.CONFIG, "structure.0.k"),
        ("class_map__pkl", pickle.dumps({1: [{"name": "mobile"}]}, 2), Aspect.CLASSES, "1"),
        ("README__md", b"other words", Aspect.FILE, "README.md"),
        ("extra__md", b"new", Aspect.FILE, "extra.md"),
        ("README__md", None, Aspect.FILE, "README.md"),
    ],
)  # fmt: skip
def test_one_aspect_moved(folder: Any, name: str, data: bytes | None, aspect: Aspect, key: str) -> None:
    found = compare(folder(), folder(**{name: data}))
    assert found.only is aspect
    assert [change.name for change in found.changes] == [key]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("configuration__json", b'{ "preprocessor": {"size_divisible": 32}}'),
        ("structure__txt", b"[{'k':   3}]"),
        ("class_map__pkl", pickle.dumps({1: [{"name": "phone"}]}, 4)),
    ],
)
def test_bytes_that_differ_without_a_value_that_does_are_a_changed_file(folder: Any, name: str, data: bytes) -> None:
    found = compare(folder(), folder(**{name: data}))
    assert found.only is Aspect.FILE
    assert found.changes[0].after.endswith("nothing that is read from it differs")


def test_source_that_differs_beside_its_values_is_a_changed_file(folder: Any, made: Any) -> None:
    commented = compare(folder(), folder(damoyolo__py=made.SOURCE + b"# so\n"))
    assert commented.changes[0].after.endswith("nothing that is read from it differs")
    lower = made.SOURCE.replace(b"0.05", b"0.01") + b"import os\nos.system('true')\n"
    found = compare(folder(), folder(damoyolo__py=lower))
    assert {change.aspect for change in found.changes} == {Aspect.FILE, Aspect.THRESHOLD}
    assert found.changes[0].after.endswith("its code differs beside the values")


def test_weights_alone_moved_and_by_how_much(folder: Any) -> None:
    moved = {**BASE, "b": floats(0.0, 4.5), "count": ("I64", (), struct.pack("<q", 9000))}
    found = compare(folder(), folder(weights=moved))
    assert (found.only, found.changes) == (Aspect.TENSOR, ())
    assert (found.weights_shared, found.weights_changed) == (3, 2)
    assert found.relative_weight_change == pytest.approx(0.5 / 5)
    assert found.largest == (("b", pytest.approx(0.125)),)


def test_tensors_come_go_and_change_form(folder: Any) -> None:
    other = {"a": ("F16", (2,), bytes(4)), "b": ("F32", (1, 2), BASE["b"][2]), "new": floats(1.0)}
    found = compare(folder(), folder(weights=other))
    assert changes(found) == [
        ("a", "F32 [2]", "F16 [2]"), ("b", "F32 [2]", "F32 [1, 2]"), ("count", "I64 []", ""), ("new", "", "F32 [1]"),
    ]  # fmt: skip
    assert (found.weights_shared, found.relative_weight_change) == (0, None)


def test_numbers_that_break_are_named(folder: Any) -> None:
    found = compare(folder(), folder(weights={**BASE, "a": floats(math.nan, math.inf)}))
    assert changes(found) == [("a", "finite numbers", "2 numbers that are NaN or infinite")]
    assert found.relative_weight_change == 0.0
    json.dumps(found.to_json(), allow_nan=False)


def test_what_is_unread_is_told_and_forbids_only(folder: Any, made: Any) -> None:
    source = made.SOURCE.replace(b"0.05", b"0.25")
    found = compare(folder(), folder(damoyolo__py=source, class_map__pkl=b"("))
    assert found.only is None
    assert found.unread[0].startswith("candidate, class_map.pkl: ")
    assert Difference.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_very_many_changes_are_counted(folder: Any) -> None:
    many = json.dumps({f"k{number}": number for number in range(3_000)}).encode()
    found = compare(folder(configuration__json=b'{"k0": 0}'), folder(configuration__json=many))
    assert len(found.changes) == 2_001
    assert found.changes[-1] == Change(Aspect.CONFIG, "999 more", "", "…")


def twin_of(original: Path, folder: Path) -> None:
    """The same revision as data."""
    config = read_config(original)
    config["model"] |= {"name": "weights.safetensors", "class_map": "class_map.json"}
    classes = {str(number): entry for number, entry in read_class_map(original / "class_map.pkl").items()}
    weights = {one.name: (one.dtype, one.shape, one.data) for one in iter_tensors(original / "damoyolo_phone.pt")}
    folder.mkdir()
    (folder / "damoyolo.json").write_text(json.dumps(config))
    (folder / "class_map.json").write_text(json.dumps(classes))
    (folder / "weights.safetensors").write_bytes(safetensors(weights))
    for name in ("configuration.json", "structure.txt"):
        shutil.copy(original / name, folder / name)


def examined(made: Any, folder: Path) -> Anatomy:
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return examine(folder, made.write_folder(folder, files))


def test_a_twin_differs_from_its_original_in_files_alone(made: Any, tmp_path: Path) -> None:
    twin_of(DEMO / "v1.0.0", tmp_path / "twin")
    shutil.copytree(DEMO / "v1.0.0", tmp_path / "original")
    original, twin = examined(made, tmp_path / "original"), examined(made, tmp_path / "twin")
    assert (original.safety.kind, twin.safety.kind) == (SafetyClass.EXECUTES_CODE, SafetyClass.SAFETENSORS)
    found = compare(original, twin)
    assert (found.only, found.unread) == (Aspect.FILE, ())
    assert (found.weights_shared, found.weights_changed, found.relative_weight_change) == (580, 0, 0.0)


def tensor(array: Any, dtype: str) -> Tensor:
    shape = array.shape
    return Tensor(dtype, shape, contiguous(shape), 0, window_of(array.tobytes()))


@pytest.mark.parametrize(("dtype", "kind"), [("F32", "<f4"), ("F64", "<f8"), ("F16", "<f2")])
def test_movement_is_the_norm_of_the_difference(dtype: str, kind: str) -> None:
    random = np.random.default_rng(5)
    before = random.normal(size=(3, 700)).astype(kind)
    after = (before + random.normal(size=before.shape) * 0.01).astype(kind)
    found = movement(tensor(before, dtype), tensor(after, dtype))
    exact = np.linalg.norm(after.astype("f8") - before.astype("f8")) / np.linalg.norm(before.astype("f8"))
    assert found.relative == pytest.approx(exact, rel=1e-4)


def test_brain_floats_are_read_as_numbers() -> None:
    before = (np.array([1.0, 2.0], "<f4").view("<u4") >> 16).astype("<u2")
    after = (np.array([1.0, 4.0], "<f4").view("<u4") >> 16).astype("<u2")
    found = movement(tensor(before, "BF16"), tensor(after, "BF16"))
    assert (found.difference, found.baseline) == (4.0, 5.0)


def test_numbers_whose_squares_overflow_still_have_a_norm() -> None:
    big = np.array([3e30, 4e30], "<f4")
    found = movement(tensor(big, "F32"), tensor(big * np.float32(2), "F32"))
    assert found.relative == pytest.approx(1.0)


def test_a_large_checkpoint_is_compared_in_pieces() -> None:
    before = np.ones(16_000_000, "<f4")
    left, right = tensor(before, "F32"), tensor(before * np.float32(1.01), "F32")
    tracemalloc.start()
    begun = time.monotonic()
    assert movement(left, right).relative == pytest.approx(0.01, rel=1e-3)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < before.nbytes / 2
    assert time.monotonic() - begun < 3


@pytest.mark.modelscope
def test_what_a_checkpoint_holds_beside_tensors_is_no_weight(made: Any, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    for name, beside in (("one", {}), ("two", {"epoch": 3})):
        (tmp_path / name).mkdir()
        torch.save({"model": {"a": torch.ones(2)}, **beside}, tmp_path / name / "w.pt")
    found = compare(examined(made, tmp_path / "one"), examined(made, tmp_path / "two"))
    assert found.only is Aspect.FILE
    assert found.changes[0].after.endswith("what it holds beside tensors differs")
