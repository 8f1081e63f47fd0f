"""Python read as a syntax tree, class maps, and the table that both become."""

from __future__ import annotations

import pickle
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.anatomy import read_class_map, read_config
from pytest_damover.anatomy.classmaps import class_names
from pytest_damover.anatomy.configs import flat
from pytest_damover.anatomy.literalcode import Computed
from pytest_damover.anatomy.sources import read_literal, read_source
from pytest_damover.domain.errors import DamoverError

DEMO = Path(__file__).parents[2] / "hub" / "demo" / "damoyolo_phone" / "v1.0.0"
BASED = "from easydict import EasyDict\n"


def values(text: str) -> dict[str, Any]:
    return read_source(text.encode(), "c.py").values


def other(text: str) -> tuple[str, ...]:
    return read_source(text.encode(), "c.py").other


def refused(folder: Path, text: str) -> str:
    (folder / "damoyolo.py").write_text(text, encoding="utf-8")
    with pytest.raises(DamoverError) as error:
        read_config(folder)
    return str(error.value)


def test_the_demo_is_read_whole() -> None:
    config = read_config(DEMO)
    assert config["model"]["head"]["nms_conf_thre"] == 0.05
    assert config["model"]["backbone"]["out_indices"] == [2, 3, 4]
    assert config["dataset"] == {"size_divisibility": 32}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = {'b': (1, -2.5, None, True)}", {"a": {"b": [1, -2.5, None, True]}}),
        ("a = dict(b=1, c=dict(d='x'))", {"a": {"b": 1, "c": {"d": "x"}}}),
        (BASED + "a = EasyDict({'b': 1}, c=2)", {"a": {"b": 1, "c": 2}}),
        ("a = 2 * 3 + 4 / 8 - 1 % 2 // 1", {"a": 5.5}),
        ("n = 80\na = {'b': n, 'c': [n, n * 2]}", {"n": 80, "a": {"b": 80, "c": [80, 160]}}),
        ("a = {}\na['b'] = 1\na.c = 2", {"a": {"b": 1, "c": 2}}),
        ("a = b = 1", {"a": 1, "b": 1}),
        ("a: int = 1", {"a": 1}),
        (
            "class C:\n    a = 1\n    def __init__(self):\n        self.x.y = 2\n        self.z = 3",
            {"C": {"a": 1, "x": {"y": 2}, "z": 3}},
        ),
        ('"""Only words."""\n# and a comment\n', {}),
    ],
)  # fmt: skip
def test_what_is_written_down_is_read(text: str, expected: Any) -> None:
    assert values(text) == expected
    assert other(text) == ()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a = os.environ['x']", "a"),
        ("a = {'b': open('x').read()}", "a.b"),
        ("a = [1, f'{b}']", "a.1"),
        ("a = 10 ** 10 ** 10", "a"),
        ("a = 'x' * 10 ** 9", "a"),
        ("a = 1 / 0", "a"),
        ("a = 9999999999 * 9999999999 * 9999999999", "a"),
        ("a = 1e999", "a"),
        ("a = {**b}", "a"),
        ("a = [*b]", "a"),
        ("a = {1: 2}", "a"),
        ("a = (lambda: 1)()", "a"),
        ("a = EasyDict({'b': 1})", "a"),
        ("from elsewhere import EasyDict\na = EasyDict({'b': 1})", "a"),
        (BASED + "from elsewhere import EasyDict\na = EasyDict({'b': 1})", "a"),
        ("from elsewhere import dict\na = dict(b=1)", "a"),
        ("n = 1\nn = 2\na = n", "a"),
        ("n = {}\nn.x = 1\na = n", "a"),
        ("def f():\n    global n\n    n = 2\nn = 1\na = n", "a"),
    ],
)
def test_what_would_have_to_run_is_kept_as_source(tmp_path: Path, text: str, path: str) -> None:
    found: Any = values(text)
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    assert isinstance(found, Computed)
    assert f"damoyolo.py: {path}: computed by" in refused(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system('x')", "for i in range(3):\n    pass", "if True:\n    a = 1", "a = 1\na += 1", "del a",
        "a = {}\na.update(b=1)", "def f():\n    pass", "class A(B):\n    x = 1", "@f\nclass A:\n    pass",
        "class A:\n    def __init__(self):\n        super().__init__()", "class A:\n    def run(self):\n        pass",
        "from x import *", "a = 1\nfrom x import a", "from x import model", "a, b = 1, 2", "(a := 1)", "x.y = 1",
        "with open('x') as f:\n    pass", "assert f()", "raise f()", "class A(metaclass=M):\n    pass",
    ],
)  # fmt: skip
def test_what_does_more_than_assign_is_named(tmp_path: Path, text: str) -> None:
    assert other(text)
    assert "line " in refused(tmp_path, text)


def test_sources_that_differ_in_values_and_comments_have_one_skeleton() -> None:
    def skeleton(text: str) -> str:
        return read_source((BASED + text).encode(), "c.py").skeleton

    plain = skeleton("a = EasyDict({'b': 1})")
    assert plain == skeleton("# why\na   =  EasyDict({'b': 2, 'c': [3]})  # so\n'text'")
    for text in ("a = {'b': 1}", "a = EasyDict({'b': 1})\nimport os", "a = EasyDict({'b': f()})",
                 "b = EasyDict({'b': 1})", "a = EasyDict({'b': 1})\nf()"):  # fmt: skip
        assert plain != skeleton(text), text


@pytest.mark.parametrize(
    "text",
    [b"-" * 100_000 + b"1", b"(" * 5_000, b"x = not " * 3_000, b"a" + b".b" * 30_000 + b" = 1", b"x = \0", b"\xff\xfe",
     b"x=" + b"1+" * 100_000 + b"1", b"x = 1\n" * 200_000, b"# coding: rot13\nk = 1"],
)  # fmt: skip
def test_hostile_source_is_refused_quickly(text: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(DamoverError):
        read_source(text, "c.py")
    assert time.monotonic() - begun < 3


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="ab=.()[]{}'\"0-1:,\n #*@\\x\0", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_source, read_literal):
        try:
            read(text.encode(), "c.py")
        except DamoverError:
            continue


def test_a_table_has_one_row_for_each_value() -> None:
    table = flat({"a": {"b": [1, 2], "c": [{"d": "x"}, 3]}, "e": Computed("f()"), "g": {}, "h": []}, "p")
    assert table == {
        "p.a.b": "[1, 2]",
        "p.a.c.0.d": '"x"',
        "p.a.c.1": "3",
        "p.e": "(computed) f()",
        "p.g": "{}",
        "p.h": "[]",
    }


def test_a_structure_is_read_as_the_loader_reads_it() -> None:
    assert read_literal(b"[\n{'k': 3,\n'class': 'X'},\n]", "structure.txt") == [{"k": 3, "class": "X"}]
    for text in (b"[f()]", b"[__import__('os')]", b"x", b"[1,"):
        with pytest.raises(DamoverError):
            read_literal(text, "structure.txt")


def test_class_maps_of_both_forms_read_alike(tmp_path: Path) -> None:
    data = {1: [{"id": 0, "name": "phone"}], 2: [{"id": 1, "name": "手机"}]}
    (tmp_path / "class_map.pkl").write_bytes(pickle.dumps(data))
    (tmp_path / "class_map.json").write_text('{"1": [{"id": 0, "name": "phone"}], "2": [{"id": 1, "name": "手机"}]}')
    assert read_class_map(tmp_path / "class_map.pkl") == read_class_map(tmp_path / "class_map.json") == data
    assert class_names(data) == {"1": "phone", "2": "手机"}


@pytest.mark.parametrize(
    "data",
    [pickle.dumps(print), pickle.dumps(3), pickle.dumps({"x": 1}), pickle.dumps({1: 2}) + b"\0", b"", b"(",
     pickle.dumps({1: object()}), pickle.dumps({1: 2, "1": 3}), pickle.dumps({1: {2: 3}})],
)  # fmt: skip
def test_a_class_map_that_is_more_than_data_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "class_map.pkl").write_bytes(data)
    with pytest.raises(DamoverError):
        read_class_map(tmp_path / "class_map.pkl")


@pytest.mark.parametrize("text", ['{"1": 1, "1": 2}', "[", '{"a": 1}', "3", '{"1": NaN}'])
def test_a_class_map_in_json_is_read_strictly(tmp_path: Path, text: str) -> None:
    (tmp_path / "class_map.json").write_text(text)
    with pytest.raises(DamoverError):
        read_class_map(tmp_path / "class_map.json")


def test_what_a_class_map_would_import_is_named(tmp_path: Path) -> None:
    (tmp_path / "class_map.pkl").write_bytes(pickle.dumps({1: print}))
    with pytest.raises(DamoverError, match=r"imports builtins\.print"):
        read_class_map(tmp_path / "class_map.pkl")
