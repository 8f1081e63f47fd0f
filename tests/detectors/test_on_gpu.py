"""The real pipeline on a real GPU: which one it is, what it holds, and that the same image gets the same answer.

All but the last skip where torch sees no GPU. They stand for what fakes cannot: CUDA's own order and names of devices.
"""

from __future__ import annotations

import numpy as np
import pytest

from pytest_damover import detectors, runners
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import open_image

pytestmark = [pytest.mark.modelscope]


@pytest.fixture
def torch():
    pytest.importorskip("modelscope.pipelines.base", reason="needs the modelscope extra")
    return pytest.importorskip("torch")


@pytest.fixture
def cuda(torch):
    if not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device")
    return torch.cuda


@pytest.fixture
def pictures():
    drawn = np.random.default_rng(3)
    return [open_image(drawn.integers(0, 256, (96, 128, 3), dtype=np.uint8)) for _ in range(3)]


@pytest.fixture
def in_child():
    """Opens a runner of child processes, which is closed in the end."""
    opened = []

    def runner(device, **more):
        opened.append(runners.open_runner("process", "modelscope", device, **more))
        return opened[-1]

    yield runner
    for one in opened:
        one.close()


@pytest.mark.gpu
def test_every_gpu_has_a_name_that_nvml_knows(cuda):
    names = detectors.gpus("modelscope")
    assert len(set(names)) == cuda.device_count()
    assert all(name.startswith("GPU-") for name in names)
    pynvml = pytest.importorskip("pynvml")
    pynvml.nvmlInit()
    for name in names:
        pynvml.nvmlDeviceGetHandleByUUID(name)
    pynvml.nvmlShutdown()


@pytest.mark.gpu
def test_h5_a_gpu_is_counted_within_what_is_visible_and_may_be_named_by_its_uuid(cuda, in_child, monkeypatch):
    last = detectors.gpus("modelscope")[cuda.device_count() - 1]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", last)
    runner = in_child("auto")
    assert (runner.device, runner.gpus) == ("cuda:0", (last,))
    with pytest.raises(DamoverError):
        _ = in_child("cuda:1").device


@pytest.mark.gpu
def test_a_model_is_on_the_gpu_that_was_asked_for_and_so_is_what_waits_for_it(cuda, two_repositories):
    last = cuda.device_count() - 1
    detector = detectors.load_detector("modelscope", two_repositories[0], f"cuda:{last}")
    assert detector.facts["gpu_uuid"] == detectors.gpus("modelscope")[last]
    assert cuda.current_device() == last


@pytest.mark.gpu
def test_a_child_tells_its_peak_on_the_gpu(cuda, in_child, two_repositories, pictures):
    del cuda
    child = in_child("cuda").load("v1", two_repositories[0])
    child(pictures[0])
    resident, on_gpu = child.peak_bytes
    assert resident > 0
    assert on_gpu > 0
    held = child.held.get("gpu_process_bytes")
    if held is None:
        pytest.skip("NVML is not there, or counts other processes, as in a container")
    assert held >= on_gpu


@pytest.mark.gpu
def test_with_the_switch_the_same_image_gets_the_same_answer(cuda, in_child, two_repositories, pictures, monkeypatch):
    del cuda
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    child = in_child("cuda", deterministic=True).load("v1", two_repositories[0])
    assert child.facts["deterministic"] is True
    first = [child(one).to_json() for one in pictures]
    assert [child(one).to_json() for one in pictures[::-1]] == first[::-1]


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_h5_a_hidden_gpu_is_refused_and_never_the_cpu(torch, in_child, monkeypatch, hidden):
    del torch
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    with pytest.raises(DamoverError) as refusal:
        _ = in_child("cuda").device
    assert refusal.value.faults[0].code is Code.DEVICE
    assert in_child("auto").device == "cpu"
