"""Tricks by which a pickle runs code, each of which must be seen; what torch itself writes must not be."""

from __future__ import annotations

import builtins
import collections
import os
import pickle
import pickletools
import subprocess
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.anatomy.allowed import ALLOWED
from pytest_damover.anatomy.machine import read_pickle
from pytest_damover.anatomy.window import window_of

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
ORDERED = b"ccollections\nOrderedDict\n"


class Harmful:
    """An object whose pickle calls something."""

    def __init__(self, called: Any, args: tuple[Any, ...]) -> None:
        self.called, self.args = called, args

    def __reduce__(self) -> tuple[Any, ...]:
        return self.called, self.args


HARMFUL = {
    "os.system": (os.system, ("true",)),
    "eval": (builtins.eval, ("1",)),
    "exec": (builtins.exec, ("1",)),
    "getattr": (builtins.getattr, ("a", "b")),
    "popen": (subprocess.Popen, (["true"],)),
    "import": (builtins.__import__, ("os",)),
    "open": (builtins.open, ("file", "w")),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_reduce_is_seen_in_every_protocol(made: Any, name: str, protocol: int) -> None:
    data = pickle.dumps({"model": [Harmful(*HARMFUL[name])]}, protocol)
    for file in ("class_map.pkl", "weights.bin", "README.md", "weights.safetensors", "notes", "picture.png"):
        assert made.look(data, file).findings, file


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_data_is_no_code(made: Any, protocol: int) -> None:
    value = {1: [{"name": "phone", "id": 3}], "x": (1.5, None, True, b"bytes", {1, 2}, "text" * 100, 2**70)}
    data = pickle.dumps(value, protocol)
    found = made.look(data).findings
    # bytes and sets are calls of builtins in the old protocols, which the allow-list has
    assert found == ()
    assert read_pickle(window_of(pickletools.optimize(data)), 0).findings == ()


def test_a_name_that_comes_out_of_the_memo_is_resolved(made: Any) -> None:
    data = b"\x80\x04" + made.text("os") + b"q\x01" + made.text("system") + b"q\x0500h\x01h\x05\x93" + made.text("x")
    assert "imports os.system" in made.look(data + b"\x85R.").findings


def test_an_allowed_name_that_comes_out_of_the_memo_is_allowed(made: Any) -> None:
    data = b"\x80\x04" + made.text("collections") + b"\x94" + made.text("OrderedDict") + b"\x9400h\x00h\x01\x93)R."
    assert made.look(data).findings == ()


def test_a_name_that_is_computed_is_not_believed(made: Any) -> None:
    computed = b"\x80\x04c_codecs\nencode\n" + made.text("os") + made.text("ascii") + b"\x86R"
    found = made.look(computed + made.text("system") + b"\x93.").findings
    assert found == ("imports a name that is only known when it runs",)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"(S'true'\nios\nsystem\n.", "imports os.system"),
        (b"(cos\nsystem\nS'true'\no.", "imports os.system"),
        (b"\x80\x02cos\nsystem\n)\x81.", "imports os.system"),
        (b"\x80\x04cos\nsystem\n)}\x92.", "imports os.system"),
        (b"\x80\x02\x82\x01.", "imports a name by a number of the extension registry"),
        (b"\x80\x02\x83\x01\x00.", "imports a name by a number of the extension registry"),
        (b"\x80\x02\x84\x01\x00\x00\x00.", "imports a name by a number of the extension registry"),
        (b"Pmodel\n.", "asks the loader for an object by a persistent id"),
        (b"\x80\x02K\x01Q.", "asks the loader for an object by a persistent id"),
        (b"\x80\x05\x97.", "asks the loader for a buffer from outside"),
        (ORDERED + b"}b.", "changes collections.OrderedDict"),
        (ORDERED + b")R)R.", "calls something that it built itself"),
        (b"ccollections.abc\nOrderedDict\n.", "imports collections.abc.OrderedDict"),
        (b"\x80\x04\x8c\x0bcollections\x8c\x14OrderedDict.__init__\x93.", "imports collections.OrderedDict.__init__"),
        (b"c__builtin__\neval\n.", "imports __builtin__.eval"),
        (b"c\xc3\xb6s\nsystem\n.", "imports '\\xf6s'.system"),
    ],
)  # fmt: skip
def test_each_way_to_import_or_call_is_seen(made: Any, data: bytes, what: str) -> None:
    assert what in made.look(data).findings


@pytest.mark.parametrize("target", [b"]", b"(lp0\n", b")", b"K\x01"])
def test_items_are_only_set_in_dictionaries_and_appended_to_lists(made: Any, target: bytes) -> None:
    assert made.look(target + b"K\x01K\x02s.").findings == ("sets items of something that is no dictionary",)
    assert made.look(b"}K\x01a.").findings == ("appends to something that is no list",)
    assert made.look(b"\x80\x04](K\x01\x90.").findings == ("adds to something that is no set",)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02}q\x00", b"}", b"0.", b".", b"\x80\x09N.", b"\xff\xff", b"h\x01.", b"\x80\x02X\xff\xff\xff\xff.",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.", b"T\xff\xff\xff\xff.", b"cos", b"R.", b"(t", b"s.",
        b"\x80\x02\x8b\xff\xff\xff\xff.", b"I1" + b"0" * 4_100 + b"\n.",
    ],
)  # fmt: skip
def test_what_cannot_be_read_to_its_end_may_run_anything(made: Any, data: bytes) -> None:
    (found,) = made.look(data).findings
    assert "cannot be read to its end" in found


def test_what_stands_behind_the_end_is_looked_at_too(made: Any) -> None:
    harmless = pickle.dumps([1])
    assert made.look(harmless + pickle.dumps({})).findings == ()
    assert "data behind the end of a pickle" in made.look(harmless + b"\0\0").findings
    assert "imports os.system" in made.look(harmless + b"cos\nsystem\n.").findings


def test_a_global_line_is_taken_as_it_stands_and_not_unescaped(made: Any) -> None:
    assert made.look(rb"collec\x74ions" + b"\nOrderedDict\n.").findings
    assert made.look(b"c" + rb"collec\x74ions" + b"\nOrderedDict\n.").findings == (
        "imports 'collec\\\\x74ions'.OrderedDict",
    )


def test_text_that_genops_cannot_decode_hides_nothing(made: Any) -> None:
    """`pickletools.genops` stops at this string, and a loader with another encoding does not."""
    data = b"S'\\xff'\n0cos\nsystem\n(S'true'\ntR."
    with pytest.raises(UnicodeDecodeError):
        list(pickletools.genops(data))
    for name in ("notes.txt", "class_map.pkl"):
        assert "imports os.system" in made.look(data, name).findings


def test_plain_prose_is_no_pickle(made: Any) -> None:
    for prose in (b"# Model\n\nIt sees phones.\n", b"changes\nsince then\n\nMany.", b'{"a": 1}', b"", b"item\nlist\n"):
        assert made.look(prose, "README.md") == made.look(b"", "README.md")


def test_torch_may_not_be_made_to_call_what_was_built(made: Any) -> None:
    data = b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(" + ORDERED + b")R" + ORDERED + b")}tR."
    assert "has torch call something that it built itself" in made.look(data).findings


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300), start=st.sampled_from([b"", b"\x80\x02", b"\x80\x04", b"c", b"(", b"}"]))
def test_any_bytes_are_read_without_an_exception(data: bytes, start: bytes) -> None:
    read_pickle(window_of(start + data), 0)


OPERATIONS = [bytes([ord(one.code)]) for one in pickletools.opcodes if one.arg is None and one.name != "STOP"]


@settings(max_examples=300, deadline=None)
@given(before=st.lists(st.sampled_from(OPERATIONS), max_size=12), protocol=st.sampled_from(PROTOCOLS))
def test_nothing_that_stands_before_it_hides_a_call(before: list[bytes], protocol: int) -> None:
    data = b"".join(before) + pickle.dumps(Harmful(os.system, ("true",)), protocol)
    assert read_pickle(window_of(data), 0).findings


@settings(max_examples=150, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
        max_leaves=20,
    ),
    protocol=st.sampled_from(range(3, 6)),
)
def test_plain_data_reads_as_pickle_reads_it(value: Any, protocol: int) -> None:
    reading = read_pickle(window_of(pickle.dumps(value, protocol)), 0)
    assert (reading.value, reading.findings) == (value, ())


def test_an_ordered_dictionary_reads_as_a_dictionary() -> None:
    value = collections.OrderedDict(a=1, b=[2])
    assert read_pickle(window_of(pickle.dumps(value)), 0).value == {"a": 1, "b": [2]}


def test_keys_that_collide_on_purpose_cost_little() -> None:
    colliding = b"".join(pickle.dumps((2**61 - 1) * number, 2)[2:-1] + b"N" for number in range(1, 20_001))
    begun = time.monotonic()
    assert read_pickle(window_of(b"\x80\x02}(" + colliding + b"u."), 0).findings == ()
    assert time.monotonic() - begun < 2


def test_deep_nesting_costs_no_stack(made: Any) -> None:
    assert made.look(b"\x80\x02" + b"(" * 60_000 + b"t" * 60_000 + b".").findings == ()
    deep = b"\x80\x02}" + b")" + b"\x85" * 60_000 + b"Ns."
    assert made.look(deep).findings == ()


def test_no_allowed_name_is_another_in_an_old_protocol() -> None:
    from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

    assert not ALLOWED & NAME_MAPPING.keys()
    assert not {module for module, _ in ALLOWED} & IMPORT_MAPPING.keys()


def test_only_the_builtins_of_python_2_have_another_name(made: Any) -> None:
    assert made.look(b"c__builtin__\nset\n.").findings == ()
    assert made.look(b"cbuiltin\nset\n.").findings == ("imports builtin.set",)
    assert made.look(b"c__builtin__\nOrderedDict\n.").findings


def test_a_pickle_that_is_too_long_is_not_waited_for(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_damover.anatomy.opcodes.MAX_STREAM_BYTES", 1_000)
    assert "is too long" in made.look(b"N0" * 1_000 + b"N.").findings[0]
