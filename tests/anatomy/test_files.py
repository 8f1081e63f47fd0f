"""What each kind of file may run, whatever it is called."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import tarfile
import time
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_damover.anatomy.looking import look_at
from pytest_damover.anatomy.window import window_of

EVIL = b"cos\nsystem\n(S'true'\ntR."


def zipped(entries: list[tuple[str, bytes]], packing: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return stream.getvalue()


def safetensors(tensors: dict[str, Any], numbers: bytes) -> bytes:
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + numbers


ONE = {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
TORCH_ZIP = [("m/data.pkl", b"\x80\x02}."), ("m/version", b"3\n")]


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("model.py", b"", "a Python file"),
        ("deep/inside/model.PY", b"x = 1", "a Python file"),
        ("model.pyc", b"\0", "compiled Python"),
        ("op.so", b"\0", "a native library"),
        ("op.weights", b"\x7fELF\x02", "a native program or library"),
        ("run", b"#!/bin/sh\ntrue\n", "a script"),
        ("saved_model.pb", b"\x08\x01", "a TensorFlow graph, which is a program"),
        ("model.h5", b"\x89HDF\r\n\x1a\n\0", "an HDF5 file, which may hold Keras layers made of code"),
        ("a.bin.gz", gzip.compress(b"x", mtime=0), "a packed file, which is not opened here"),
        ("model.yaml", b"a: !!python/object/apply:os.system [true]", "YAML with tags, which may build Python objects"),
    ],
)
def test_code_is_code(made: Any, name: str, data: bytes, what: str) -> None:
    assert what in made.look(data, name).findings


def test_a_tar_archive_is_not_opened(made: Any) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("pickle"), io.BytesIO())
    plain = bytearray(stream.getvalue())
    assert made.look(bytes(plain), "weights.png").findings == ("a packed file, which is not opened here",)
    plain[257:265] = bytes(8)  # the oldest form has no magic, and is still read
    plain[148:156] = b"%06o\0 " % (sum(plain[:148]) + 256 + sum(plain[156:512]))
    assert made.look(bytes(plain), "weights.png").findings == ("a packed file, which is not opened here",)


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "a.json", "structure.txt", "a.csv", "a.yaml"])
def test_text_is_data(made: Any, name: str) -> None:
    assert made.look("[{'class': 'x'}] 手机\n".encode(), name) == made.look(b"", name)


def test_prose_in_yaml_is_data(made: Any) -> None:
    assert made.look(b"title: It works! Really!\n", "a.yaml") == made.look(b"", "a.yaml")
    assert made.look(b"a: !<tag:yaml.org,2002:python/object> x\n", "a.yml").findings


def test_pictures_are_data(made: Any) -> None:
    for head in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"%PDF-1.7\n\xe2"):
        assert made.look(head + b"\0\1\2\3", "a.png") == made.look(b"", "a.png")


def test_a_binary_file_of_unknown_kind_is_taken_for_the_worst(made: Any) -> None:
    (found,) = made.look(b"\x00\x01\x02\xfe", "vocabulary.dat").findings
    assert "unknown kind" in found


def test_an_unknown_name_with_a_harmless_pickle_in_it_is_a_pickle(made: Any) -> None:
    look = made.look(pickle.dumps([1.5]), "vocabulary.dat")
    assert look.pickled
    assert look.findings == ()


def test_numpy_files_of_objects_are_pickles(made: Any) -> None:
    numbers, objects = io.BytesIO(), io.BytesIO()
    np.save(numbers, np.zeros((2, 3), np.float32))
    np.save(objects, np.array([{}, None], dtype=object))
    assert made.look(numbers.getvalue(), "a.npy").findings == ()
    assert "a NumPy file of Python objects, which are unpickled" in made.look(objects.getvalue(), "a.npy").findings
    archive = zipped([("x.npy", objects.getvalue())], zipfile.ZIP_DEFLATED)
    assert "a NumPy file of Python objects, which are unpickled (in 'x.npy')" in made.look(archive, "a.npz").findings
    assert made.look(zipped([("x.npy", numbers.getvalue())]), "a.npz").findings == ()


def test_a_numpy_header_that_lies_is_not_believed(made: Any) -> None:
    for described in ("'O'", "'|O8'", "[('a', '<f4'), ('b', 'O')]", "[('a', [('b', 'object')])]", "open", "1"):
        header = f"{{'descr': {described}, 'fortran_order': False, 'shape': (1,)}}".encode()
        data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 8
        assert made.look(data, "a.npy").findings, described


def test_safetensors_are_data_and_are_read_strictly(made: Any) -> None:
    good = safetensors(ONE, bytes(8))
    assert made.look(good, "w.safetensors") == made.look(good, "w.unknown") == made.look(b"", "w.safetensors")
    broken = {
        "bytes over": good + b"\0",
        "cut off": good[:-1],
        "a gap": safetensors({"a": {**ONE["a"], "data_offsets": [8, 16]}}, bytes(16)),
        "overlap": safetensors({**ONE, "b": ONE["a"]}, bytes(8)),
        "size": safetensors({"a": {**ONE["a"], "shape": [3]}}, bytes(8)),
        "type": safetensors({"a": {**ONE["a"], "dtype": "OBJECT"}}, bytes(8)),
        "more keys": safetensors({"a": {**ONE["a"], "code": "x"}}, bytes(8)),
        "negative": safetensors({"a": {**ONE["a"], "shape": [-2]}}, bytes(8)),
        "metadata": safetensors({**ONE, "__metadata__": {"a": []}}, bytes(8)),
        "twice": struct.pack("<Q", 21) + b'{"a":{}, "a":{}, "b":0}'[:21],
        "huge header": struct.pack("<Q", 2**62) + b"{}",
        "pickle": EVIL,
        "zip": zipped(TORCH_ZIP[:1]) + b"",
    }
    for what, data in broken.items():
        if what != "zip":
            assert made.look(data, "w.safetensors").findings, what


def test_a_safetensors_name_does_not_hide_a_checkpoint(made: Any) -> None:
    assert made.look(zipped([("m/data.pkl", b"\x80\x02" + EVIL)]), "w.safetensors").findings == ("imports os.system",)
    assert made.look(zipped(TORCH_ZIP), "w.safetensors").pickled


def test_every_pickle_of_an_archive_is_read(made: Any) -> None:
    assert made.look(zipped(TORCH_ZIP), "w.pt").findings == ()
    for name in ("m/data.pkl", "m/other.pkl", "m/data/x", "x/data.pkl", "x", "m/.data/notes"):
        entries = [entry for entry in TORCH_ZIP if entry[0] != name] or TORCH_ZIP
        assert made.look(zipped([*entries, (name, EVIL)], zipfile.ZIP_DEFLATED), "w.pt").findings, name
    nested = zipped([("inner.pt", zipped([("m/data.pkl", EVIL)]))])
    assert made.look(nested, "w.zip").findings == ("imports os.system (in 'inner.pt')",)


def test_torchscript_is_a_program(made: Any) -> None:
    for name in ("m/code/__torch__.py", "m/code/x", "m/constants.pkl"):
        found = made.look(zipped([*TORCH_ZIP, (name, b"\x80\x02).")]), "w.pt").findings
        assert "a TorchScript archive, which is a program" in found


def test_an_archive_that_two_readers_could_read_in_two_ways_is_refused(made: Any) -> None:
    good = zipped(TORCH_ZIP)
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped([*TORCH_ZIP, TORCH_ZIP[0]])
    renamed = good.replace(b"m/data.pkl", b"m/code.pkl", 1)
    odd = {"two entries": twice, "before": EVIL + good, "behind": good + b"\0", "two headers": renamed}
    commented = bytearray(good)
    commented[-2:] = b"\x02\x00"
    odd["comment"] = bytes(commented) + b"hi"
    for what, data in odd.items():
        for name in ("w.pt", "w.png", "README.md"):
            assert made.look(data, name).findings, (what, name)


def test_bombs_are_neither_inflated_nor_waited_for(made: Any) -> None:
    inner = zipped([(f"z{number}", b"a" * 10_000_000) for number in range(3)], zipfile.ZIP_DEFLATED)
    bombs = [
        zipped([(f"b{number}.zip", inner) for number in range(40)]),
        b"\x80\x02" + b"N0" * 2_000_000 + b"N.",
        b"N." * 1_000_000,
        b"\x80\x02B" + struct.pack("<I", 2**31) + b".",
        safetensors({"a": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]}}, bytes(8)),
    ]
    begun = time.process_time()
    for bomb in bombs:
        assert made.look(bomb, "w.pkl").findings
    assert time.process_time() - begun < 15
    deep = zipped([("a", b"x")])
    for _ in range(6):
        deep = zipped([("a", deep)])
    assert "deep" in made.look(deep, "a.zip").findings[0]


class Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("true",)


@settings(max_examples=200, deadline=None)
@given(
    protocol=st.sampled_from(range(6)),
    name=st.sampled_from(["a.pkl", "a.md", "README", "a.safetensors", "a.png", "a.onnx", "a.json", "a.npy", "a.zip"]),
    value=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=3),
    packing=st.sampled_from(["", "zip", "torch", "deflated"]),
)
def test_a_harmful_pickle_is_never_harmless(protocol: int, name: str, value: Any, packing: str) -> None:
    data = pickle.dumps([value, Harmful()], protocol)
    if packing:
        entry = "m/data.pkl" if packing == "torch" else "entry"
        data = zipped([(entry, data)], zipfile.ZIP_DEFLATED if packing == "deflated" else zipfile.ZIP_STORED)
    assert look_at(window_of(data), name).findings


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=400),
    start=st.sampled_from([b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x80\x02", zipped(TORCH_ZIP), EVIL, b"{"]),
    name=st.sampled_from(["a.pkl", "a.md", "a.safetensors", "a.pt", "a.npy", "a.onnx", "a", "a.yaml"]),
)
def test_any_bytes_are_looked_at_without_an_exception(data: bytes, start: bytes, name: str) -> None:
    look_at(window_of(start + data), name)


def test_a_tar_archive_inside_a_pickles_text_is_seen(made: Any) -> None:
    """torch tries tar first, so what is text to the unpickler is an archive to it; base-256 checksums count too."""
    plain = bytearray(b"\x80\x02X\xf0\x01\0\0" + bytes(512 - 7))
    plain[508:510] = b"0."
    plain[148:156] = b" " * 8
    total = sum(plain)
    plain[148:156] = b"\x80" + total.to_bytes(7, "big")
    assert made.look(bytes(plain), "w.pkl").findings == ("a packed file, which is not opened here",)


def test_entry_names_are_compared_as_torch_compares_them(made: Any) -> None:
    for other in ("m/DATA.pkl", "M/data.PKL"):
        assert "two entries" in made.look(zipped([*TORCH_ZIP, (other, b"N.")]), "w.pt").findings[0]


def test_an_entry_of_two_names_is_refused(made: Any) -> None:
    data = zipped([("m/data.pklXx", b"N."), ("m/version", b"3")]).replace(b"pklXx", b"pkl\0x")
    assert "two names" in made.look(data, "w.pt").findings[0]


def test_entries_on_one_another_are_refused(made: Any) -> None:
    data = bytearray(zipped([("a", bytes(200)), ("b", bytes(5))]))
    place = data.rfind(b"PK\x01\x02")
    data[place + 20 : place + 28] = struct.pack("<II", 400, 400)
    assert made.look(bytes(data), "a.zip").findings == ("a zip archive whose entries lie on one another",)


def test_an_archive_of_a_million_entries_is_not_listed(made: Any) -> None:
    listed = b"PK\x01\x02" + bytes(42)
    directory = listed * 250_000
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, len(directory), 4, 0)
    begun = time.process_time()
    assert "too long to look through" in made.look(b"PK\x03\x04" + directory + end, "a.zip").findings[0]
    assert time.process_time() - begun < 1


def test_a_picture_with_an_archive_behind_it_is_an_archive(made: Any) -> None:
    data = b"\x89PNG\r\n\x1a\n" + zipped([("model.py", b"x")])
    assert made.look(data, "a.png").findings == ("a zip archive with other bytes before it",)


def test_a_checkpoint_may_ask_for_storages_alone(made: Any) -> None:
    """The old form also had modules, whose source torch compared, and wrote where it differed."""
    asked = b"\x80\x02(X\x06\x00\x00\x00modulectorch\nFloatStorage\nX\x01\x00\x00\x00aX\x01\x00\x00\x00bK\x01tQ."
    found = made.look(zipped([("m/data.pkl", asked)]), "w.pt").findings
    assert found == ("asks the loader for an object by a persistent id",)


def test_words_named_safetensors_are_none(made: Any) -> None:
    assert "named safetensors" in made.look(b"words\n", "w.safetensors").findings[0]


def test_bytes_behind_the_pickle_of_a_checkpoint_are_no_weights(made: Any) -> None:
    found = made.look(zipped([("m/data.pkl", b"\x80\x02}.cos\nsystem\n")]), "w.pt").findings
    assert found == ("data behind the end of a pickle",)


def test_bytes_behind_the_numbers_of_an_old_checkpoint_are_no_weights(made: Any) -> None:
    streams = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, {}, [])
    data = b"".join(pickle.dumps(stream, 2) for stream in streams)
    assert made.look(data, "w.pt") == made.look(b"N.", "w.pt")
    assert made.look(data + b"N.", "w.pt").findings == ("data behind the end of a checkpoint",)


def test_an_archive_before_an_archive_is_not_passed_over(made: Any) -> None:
    data = zipped([("m/x", b"y")]) + zipped(TORCH_ZIP)
    assert made.look(data, "w.pt").findings == ("a zip archive with bytes before it",)


def test_a_stored_entry_has_the_size_that_it_claims(made: Any) -> None:
    data = bytearray(zipped([("a", b"words")]))
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 3)
    assert "stored in another size" in made.look(bytes(data), "a.zip").findings[0]


def test_control_characters_are_no_text(made: Any) -> None:
    assert "unknown kind" in made.look(b"words\x00\x01", "vocabulary.dat").findings[0]
