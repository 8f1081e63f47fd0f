import pytest

from pytest_damover.detectors._device import choose_device
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
