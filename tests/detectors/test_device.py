import pytest

from pytest_damover.detectors._device import choose_device, count_visible
from pytest_damover.domain.errors import Code, DamoverError


@pytest.mark.parametrize(
    ("asked", "gpus", "chosen"),
    [
        ("auto", 0, "cpu"),
        ("auto", 2, "cuda:0"),
        ("cpu", 2, "cpu"),
        ("cuda", 1, "cuda:0"),
        ("cuda:1", 2, "cuda:1"),
    ],
)
def test_what_was_asked_for_is_chosen(asked, gpus, chosen):
    assert choose_device(asked, lambda: gpus) == chosen


@pytest.mark.parametrize(
    ("asked", "gpus"), [("cuda", 0), ("cuda:0", 0), ("cuda:2", 2), ("gpu", 1), ("cuda:x", 1), ("", 1), ("CPU", 0)]
)
def test_a_device_that_is_not_there_is_refused_and_never_replaced(asked, gpus):
    with pytest.raises(DamoverError) as refusal:
        choose_device(asked, lambda: gpus)
    assert refusal.value.faults[0].code is Code.DEVICE


def test_the_cpu_is_chosen_without_asking_for_gpus():
    assert choose_device("cpu", lambda: pytest.fail("asked")) == "cpu"


@pytest.mark.parametrize(
    ("setting", "seen"),
    [
        (None, 3),
        ("", 0),
        ("-1", 0),
        ("-1,0", 0),
        ("0", 1),
        ("2,0", 2),
        (" 1 , 2", 2),
        ("0,3,1", 1),
        ("0,0", 1),
        ("GPU-aa11", 1),
        ("GPU-bb,0", 2),
        ("GPU-aa", 0),
        ("GPU-zz", 0),
        ("aa11", 0),
        ("MIG-1f2e", 1),
        ("MIG-1f2e,MIG-3d4c", 1),
        ("NoDevFiles", 0),
    ],
)
def test_h5_what_cuda_shows_of_three_gpus(setting, seen):
    assert count_visible(setting, ["GPU-aa11", "GPU-aa22", "GPU-bb33"]) == seen
