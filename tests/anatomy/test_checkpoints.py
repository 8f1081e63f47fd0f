"""Checkpoints read without torch hold what torch itself reads in them."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_damover.anatomy import iter_tensors, leftovers
from pytest_damover.anatomy.allowed import ALLOWED
from pytest_damover.anatomy.checkpoints import read_checkpoint
from pytest_damover.domain.errors import DamoverError

STORAGE = b"ctorch\nFloatStorage\n"


def checkpoint(tensor: bytes, numbers: bytes = struct.pack("<6f", *range(6)), extra: Any = ()) -> bytes:
    """A zip checkpoint of one tensor, `a`, rebuilt by these operations from storage 0."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("m/data.pkl", b"\x80\x02}X\x01\x00\x00\x00a" + tensor + b"s.")
        archive.writestr("m/data/0", numbers)
        for name, data in extra:
            archive.writestr(name, data)
    return stream.getvalue()


def rebuilt(offset: int, shape: tuple[int, ...], strides: tuple[int, ...], count: int = 6) -> bytes:
    """The operations that rebuild a view of storage 0."""
    storage = (
        b"(X\x07\x00\x00\x00storage" + STORAGE + b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK" + bytes([count]) + b"tQ"
    )
    first, second, third = (pickle.dumps(part, 2)[2:-1] for part in (offset, shape, strides))
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + first + second + third + b"\x89}tR"


def write(folder: Path, data: bytes) -> Path:
    path = folder / "w.pt"
    path.write_bytes(data)
    return path


def test_a_view_is_read_by_its_strides(tmp_path: Path) -> None:
    (tensor,) = iter_tensors(write(tmp_path, checkpoint(rebuilt(1, (2, 2), (1, 2)))))
    assert (tensor.name, tensor.dtype, tensor.shape) == ("a", "F32", (2, 2))
    assert np.frombuffer(tensor.data, "<f4").tolist() == [1, 3, 2, 4]


def test_a_big_endian_checkpoint_is_turned(tmp_path: Path) -> None:
    data = checkpoint(rebuilt(0, (6,), (1,)), struct.pack(">6f", *range(6)), [("m/byteorder", b"big")])
    (tensor,) = iter_tensors(write(tmp_path, data))
    assert tensor.data == struct.pack("<6f", *range(6))


@pytest.mark.parametrize(
    ("tensor", "why"),
    [
        (rebuilt(5, (2,), (1,)), "reaches outside"),
        (rebuilt(0, (3, 3), (2, 1)), "reaches outside"),
        (rebuilt(0, (2**40,), (0,)), "enormous"),
        (rebuilt(0, (2,), (-1,)), "makes no sense"),
        (rebuilt(0, (2, 2), (1,)), "makes no sense"),
    ],
)
def test_a_view_that_reaches_outside_is_not_read(tmp_path: Path, tensor: bytes, why: str) -> None:
    path = write(tmp_path, checkpoint(tensor))
    assert why in read_checkpoint(path).tensors["a"].why
    with pytest.raises(DamoverError, match=why):
        iter_tensors(path)


@pytest.mark.parametrize(
    "data",
    [
        checkpoint(rebuilt(0, (6,), (1,)) + b"sX\x01\0\0\0bcos\nsystem\n(S'true'\ntR"),
        b"", b"text", b"PK\x03\x04", pickle.dumps({"a": 1}), checkpoint(b"cos\nsystem\n(S'true'\ntR"), checkpoint(b"N"),
        checkpoint(rebuilt(0, (6,), (1,)))[:-3], struct.pack("<Q", 2) + b"{}" + b"\0",
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_of_data_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DamoverError):
        read_checkpoint(write(tmp_path, data))


def test_safetensors_are_read(tmp_path: Path) -> None:
    header = json.dumps({"b": {"dtype": "I64", "shape": [1], "data_offsets": [8, 16]},
                         "a": {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}}).encode()  # fmt: skip
    path = write(tmp_path, struct.pack("<Q", len(header)) + header + bytes(range(16)))
    found = {one.name: one for one in iter_tensors(path)}
    assert (found["a"].shape, found["a"].data, found["b"].data) == ((2, 2), bytes(range(8)), bytes(range(8, 16)))


@pytest.mark.modelscope
class TestBesideTorch:
    """Everything here is written by torch and read by both."""

    @pytest.fixture
    def torch(self) -> Any:
        return pytest.importorskip("torch")

    @pytest.fixture(params=["zip", "stream"])
    def new_format(self, request: pytest.FixtureRequest) -> bool:
        return bool(request.param == "zip")

    def tensors(self, torch: Any) -> dict[str, Any]:
        base = torch.randn(6, 7, generator=torch.Generator().manual_seed(3))
        kinds = "float64 float16 bfloat16 int64 int32 int16 int8 uint8".split()  # noqa: SIM905 - a list of names
        return {
            "base": base,
            "transposed": base.t(),
            "part": base[1:5:2, 2:6:3],
            "row": base[3],
            "spread": base[:1].expand(4, 7),
            "scalar": torch.tensor(2.5),
            "empty": torch.zeros(0, 3),
            "one": torch.ones(1, 1, 1, 1),
            "flags": torch.tensor([True, False, True]),
            "parameter": torch.nn.Parameter(base * 2),
            **{kind: (base * 20).to(getattr(torch, kind)) for kind in kinds},
        }

    def test_every_kind_of_tensor_reads_as_torch_reads_it(self, torch: Any, tmp_path: Path, new_format: bool) -> None:
        tensors = self.tensors(torch)
        path = tmp_path / "w.pt"
        torch.save({"model": tensors, "epoch": 3}, path, _use_new_zipfile_serialization=new_format)
        found = {one.name: one for one in iter_tensors(path)}
        assert list(found) == list(tensors)
        assert leftovers(path) == ("epoch",)
        for name, tensor in torch.load(path, weights_only=True)["model"].items():
            bits = tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()
            assert (found[name].shape, found[name].data) == (tuple(tensor.shape), bits), name

    def test_what_torch_writes_is_no_code(self, torch: Any, made: Any, new_format: bool) -> None:
        model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
        for value in (model.state_dict(), {"state_dict": model.state_dict(), "best": 0.5}, self.tensors(torch)):
            stream = io.BytesIO()
            torch.save(value, stream, _use_new_zipfile_serialization=new_format)
            assert made.look(stream.getvalue(), "w.pt") == made.look(b"N.", "w.pt")

    def test_what_torch_refuses_is_code(self, torch: Any, made: Any, new_format: bool) -> None:
        stream = io.BytesIO()
        torch.save({"model": torch.nn.Conv2d(3, 4, 3)}, stream, _use_new_zipfile_serialization=new_format)
        assert "imports torch.nn.modules.conv.Conv2d" in made.look(stream.getvalue(), "w.pt").findings

    @pytest.mark.filterwarnings("ignore::FutureWarning")
    def test_a_scripted_model_is_a_program(self, torch: Any, made: Any) -> None:
        stream = io.BytesIO()
        torch.jit.save(torch.jit.trace(torch.nn.ReLU(), torch.zeros(1)), stream)
        assert "a TorchScript archive, which is a program" in made.look(stream.getvalue(), "w.pt").findings

    def test_forms_without_plain_numbers_are_named_and_not_read(self, torch: Any, tmp_path: Path) -> None:
        odd = {"good": torch.ones(2), "sparse": torch.eye(3).to_sparse(), "complex": torch.zeros(2, dtype=torch.cfloat)}
        torch.save(odd, tmp_path / "w.pt")
        found = read_checkpoint(tmp_path / "w.pt").tensors
        assert [name for name, tensor in found.items() if tensor.why] == ["sparse", "complex"]

    def test_the_allow_list_is_no_longer_than_torchs(self) -> None:
        unpickler = pytest.importorskip("torch._weights_only_unpickler")
        assert {f"{module}.{name}" for module, name in ALLOWED} <= set(unpickler._get_allowed_globals())
