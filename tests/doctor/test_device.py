import pytest

from pytest_damover.doctor import _device


@pytest.fixture
def smi(tmp_path):
    """Writes an `nvidia-smi` that runs these shell lines."""

    def write(lines):
        program = tmp_path / "bin/nvidia-smi"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{lines}\n")
        program.chmod(0o755)

    return write


@pytest.mark.parametrize(("device", "good"), [("auto", True), ("cpu", True), ("cuda", False), ("cuda:1", False)])
def test_no_gpu_is_fine_unless_one_is_asked_for(examine, device, good):
    check = examine(damover_detector="modelscope", damover_device=device)["gpu"]
    assert check.good is good
    assert good or device in check.advice


@pytest.mark.parametrize(("device", "good"), [("auto", True), ("cuda", True), ("cuda:0", True), ("cuda:1", False)])
def test_gpu_driver_and_memory_are_told(examine, smi, device, good):
    smi("echo 'Tesla T4, 580.1, 15360 MiB'")
    check = examine(damover_detector="modelscope", damover_device=device)["gpu"]
    assert check.good is good
    assert check.found == "Tesla T4, 580.1, 15360 MiB"


@pytest.mark.parametrize(
    ("hidden", "good"), [("", False), ("1", True), ("GPU-0b", True), ("GPU-0c", False), ("0,1", True)]
)
def test_h5_a_gpu_that_is_hidden_is_not_there(examine, smi, monkeypatch, hidden, good):
    smi("echo 'Tesla T4, 580.1, 15360 MiB, GPU-0a'; echo 'Tesla T4, 580.1, 15360 MiB, GPU-0b'")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    check = examine(damover_detector="modelscope", damover_device="cuda")["gpu"]
    assert check.good is good
    assert check.found.startswith("Tesla T4, 580.1, 15360 MiB; Tesla T4, 580.1, 15360 MiB; CUDA_VISIBLE_DEVICES=")
    assert good or "CUDA_VISIBLE_DEVICES hides it" in check.advice


def test_a_gpu_is_no_use_to_a_torch_built_for_the_cpu(examine, smi):
    smi("echo 'Tesla T4, 580.1, 15360 MiB'")
    keys = {"damover_detector": "modelscope", "damover_device": "cuda"}
    assert not examine({"torch": "2.15.0+cpu"}, **keys)["gpu"].good
    assert examine({"torch": "2.15.0+cu130"}, **keys)["gpu"].good


@pytest.mark.parametrize(
    ("lines", "said"),
    [("echo 'Driver/library version mismatch'; exit 18", "mismatch"), ("exit 9", "9"), ("/bin/sleep 5", "no answer")],
)
def test_a_driver_that_does_not_answer_is_named(examine, smi, monkeypatch, lines, said):
    monkeypatch.setattr(_device, "SECONDS", 0.3)
    smi(lines)
    check = examine(damover_detector="modelscope")["gpu"]
    assert not check.good
    assert said in check.found
