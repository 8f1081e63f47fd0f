"""Whatever a folder holds, reading it ends, and in nothing but an anatomy."""

from __future__ import annotations

import hashlib
import json
import pickle
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.anatomy import compare, examine
from pytest_damover.anatomy.examine import Anatomy
from pytest_damover.domain.revision import FileEntry

NAMES = ("configuration.json", "damoyolo.json", "damoyolo.py", "class_map.pkl", "class_map.json", "structure.txt",
         "weights.pt", "weights.safetensors", "config.json", "README.md", "x.npy", "x.yaml")  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["model", "type", "name", "class_map", "backbone", "structure_file", "pipeline", "plugins", "1"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
CONTENT = (
    st.binary(max_size=120)
    | JSON.map(lambda value: json.dumps(value).encode())
    | JSON.map(lambda value: pickle.dumps(value, 2))
    | JSON.map(lambda value: f"model = {value!r}\ndataset = model\nmodel['a'] = 1\n".encode())
    | JSON.map(lambda value: repr(value).encode())
)
FOLDERS = st.dictionaries(st.sampled_from(NAMES), CONTENT, max_size=6)


def anatomy_of(files: dict[str, bytes]) -> Anatomy:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        entries = [FileEntry(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()]
        return examine(Path(folder), entries)


@settings(max_examples=120, deadline=None)
@given(before=FOLDERS, after=FOLDERS)
def test_any_two_folders_are_read_and_compared(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    left, right = anatomy_of(before), anatomy_of(after)
    told: Any = compare(left, right).to_json()
    json.dumps(told, allow_nan=False)
    json.dumps(right.safety.to_json())
    assert left.safety.executes_code or "damoyolo.py" not in before


@settings(max_examples=40, deadline=None)
@given(files=FOLDERS)
def test_a_folder_beside_itself_does_not_differ(files: dict[str, bytes]) -> None:
    found = compare(anatomy_of(files), anatomy_of(files))
    assert (found.changes, found.weights_changed) == ((), 0)
