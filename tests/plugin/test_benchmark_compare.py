"""pytest-benchmark beside ours: times of another machine are refused, and a GPU is waited for."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from pytest_damover.plugin import environment

pytest.importorskip("pytest_benchmark")
TEST = "def test_it(benchmark, detector, cases):\n    benchmark(detector, cases.image('one'))\n"


@pytest.fixture
def saved(toy):
    """A project with times that were saved here."""
    toy.test_file(TEST)
    assert toy.compare("--benchmark-save=before").ret == 0
    (path,) = (toy.root / ".benchmarks").rglob("*_before.json")
    return toy, path


def change(path, **machine_info):
    data = json.loads(path.read_text())
    data["machine_info"] = {**data["machine_info"], **machine_info}
    path.write_text(json.dumps(data))


def test_times_of_this_machine_are_compared(saved):
    toy, path = saved
    change(path, release="an older kernel", python_version="3.10.0")
    result = toy.compare("--benchmark-compare")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*(0001_before)*"])


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"node": "elsewhere"}, "node 'elsewhere' is here"),
        ({"cpu": {"brand_raw": "Elbrus", "count": 8}}, "brand_raw 'Elbrus' is here"),
        ({"cpu": None}, "count None is here"),
    ],
)
def test_times_of_another_machine_are_refused_before_anything_runs(saved, other, said):
    toy, path = saved
    change(path, **other)
    runs = set((toy.root / "reports").iterdir())
    result = toy.compare("--benchmark-compare")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "the saved times are from another machine" in result.stderr.str()
    assert said in result.stderr.str()
    assert set((toy.root / "reports").iterdir()) == runs


def test_a_benchmark_of_the_detector_waits_for_the_gpu_in_every_call(toy, monkeypatch):
    waits = []
    cuda = SimpleNamespace(
        is_initialized=lambda: True, synchronize=lambda: waits.append(1), empty_cache=lambda: None, waits=waits
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    toy.test_file(
        "def test_it(benchmark, detector, cases):\n"
        "    import torch\n    before = len(torch.cuda.waits)\n"
        "    benchmark.pedantic(detector, args=(cases.image('one'),), rounds=7)\n"
        "    assert len(torch.cuda.waits) - before >= 7\n"
    )
    assert toy.compare("-k", "test_it").ret == 20
    assert {end["outcome"] for end in toy.journal if end["kind"] == "finish"} == {"passed"}


def test_a_machine_is_told_from_another_by_its_id_and_its_name(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1f2e\n")
    other.write_text("3d4c\n")
    machine = environment.machine
    found = {machine(one, "a"), machine(one, "b"), machine(other, "a"), machine(tmp_path / "absent", "a")}
    assert len(found) == 4
    assert machine(one, "a") == machine(one, "a")
    assert all(len(digest) == 16 for digest in found)
