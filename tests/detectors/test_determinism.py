"""The switch for determinism: what it tells torch, and that no answer hangs on those before it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import pytest_damover
from pytest_damover import runners
from pytest_damover.detectors import _determinism, replay

REAL = """\
import json, os
from pytest_damover.detectors import _determinism, prepare_determinism
prepare_determinism()
import torch
_determinism.switch_on()
first = torch.rand(3).tolist()
_determinism.seed()
told = [torch.rand(3).tolist() == first, torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(), torch.backends.cudnn.benchmark,
        torch.backends.cudnn.deterministic, os.environ["CUBLAS_WORKSPACE_CONFIG"], _determinism.is_on()]
torch.use_deterministic_algorithms(True, warn_only=True)
told.append(_determinism.is_on())
print(json.dumps(told))
"""


@pytest.fixture
def torch(monkeypatch):
    """A made-up torch that writes down what it is told."""
    told = SimpleNamespace(
        on=False,
        seeds=[],
        backends=SimpleNamespace(cudnn=SimpleNamespace(benchmark=True, deterministic=False)),
        use_deterministic_algorithms=lambda on, warn_only: setattr(told, "on", on and not warn_only),
        are_deterministic_algorithms_enabled=lambda: told.on,
        is_deterministic_algorithms_warn_only_enabled=lambda: False,
        manual_seed=lambda seed: told.seeds.append(seed),
    )
    monkeypatch.setitem(sys.modules, "torch", told)
    return told


@pytest.fixture
def without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.mark.parametrize(
    ("before", "after"), [(None, ":4096:8"), (":16:8", ":16:8"), (":0:0", ":4096:8"), ("", ":4096:8")]
)
def test_cublas_is_told_before_it_starts_unless_it_is_told_already(before, after):
    environment = {} if before is None else {"CUBLAS_WORKSPACE_CONFIG": before}
    _determinism.prepare(environment)
    assert environment == {"CUBLAS_WORKSPACE_CONFIG": after}


def test_torch_takes_no_operation_that_may_answer_differently(torch):
    _determinism.switch_on()
    assert torch.on
    assert (torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic) == (False, True)
    assert torch.seeds == [_determinism.SEED]


def test_the_real_torch_is_switched():
    environment = {**os.environ, "PYTHONPATH": str(Path(pytest_damover.__file__).parents[1])}
    environment.pop("CUBLAS_WORKSPACE_CONFIG", None)
    pytest.importorskip("torch")
    done = subprocess.run([sys.executable, "-c", REAL], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == '[true, true, false, false, true, ":4096:8", true, false]'


class Drawing:
    """Draws its answer from every source of random numbers there is."""

    facts = {"detector": "drawing"}  # noqa: RUF012
    raw = "raw"
    took_ns = 7

    def __call__(self, image):
        return image, random.random(), float(np.random.random())

    def close(self):
        self.raw = None


@pytest.mark.usefixtures("without_torch")
def test_an_answer_does_not_hang_on_those_before_it():
    detector = _determinism.Deterministic(Drawing())
    first = [detector(image) for image in "abc"]
    assert [detector(image) for image in "cba"] == first[::-1]
    plain = Drawing()
    assert plain("a") != plain("a")


@pytest.mark.usefixtures("without_torch")
def test_it_is_the_detector_in_all_else():
    drawing = Drawing()
    detector = _determinism.Deterministic(drawing)
    assert (detector.raw, detector.took_ns, detector.facts) == (
        "raw",
        7,
        {"detector": "drawing", "deterministic": True},
    )
    assert not hasattr(detector, "phases")
    detector.close()
    assert drawing.raw is None


def test_a_model_whose_code_undoes_it_is_not_called_deterministic(torch):
    _determinism.switch_on()
    torch.on = False
    assert _determinism.Deterministic(Drawing()).facts["deterministic"] is False


@pytest.mark.parametrize("runner", ["inline", "process"])
@pytest.mark.parametrize("deterministic", [True, False])
def test_every_runner_switches_it_on_where_the_model_runs(tmp_path, monkeypatch, runner, deterministic):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    (tmp_path / "detections.json").write_text('{"detections": {}}')
    opened = runners.open_runner(runner, "replay", "cpu", None, deterministic)
    try:
        facts = opened.load("v1", tmp_path).facts
        assert facts.get("deterministic") is (True if deterministic else None)
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == (":4096:8" if deterministic else "")
    finally:
        opened.close()
    assert "deterministic" not in replay.load(tmp_path, "cpu").facts
