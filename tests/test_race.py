import gc

import numpy as np
import pytest

from pytest_damover.images import Image, open_image
from pytest_damover.race import race


class Runner:
    """A detector that takes a given time on a fake clock and notes each call."""

    def __init__(self, name, takes_ns, course):
        self.name, self.takes_ns, self.course = name, takes_ns, course

    def __call__(self, image):
        self.course.calls.append((self.name, image.key))
        self.course.now_ns += self.takes_ns + self.course.drift_ns
        self.course.collecting.append(gc.isenabled())


class Course:
    def __init__(self, drift_ns=0):
        self.now_ns, self.drift_ns = 0, drift_ns
        self.calls, self.collecting = [], []

    def clock(self):
        return self.now_ns

    def run(self, pairs, warmup=0, images=2):
        pictures = [Image(f"{i}.png", None, np.zeros((1, 1, 3), np.uint8)) for i in range(images)]
        return race(Runner("A", 100, self), Runner("B", 130, self), pictures, pairs, warmup, self.clock)


def test_the_order_is_abba_and_a_quad_shares_its_image():
    course = Course()
    course.run(pairs=4)
    assert "".join(name for name, _ in course.calls) == "ABBAABBA"
    assert [key for _, key in course.calls] == ["0.png"] * 4 + ["1.png"] * 4


def test_each_pair_is_baseline_then_candidate_whoever_ran_first():
    assert Course().run(pairs=4) == ((100, 130),) * 4


def test_warm_up_is_not_timed():
    course = Course()
    assert len(course.run(pairs=1, warmup=3)) == 1
    assert len(course.calls) == 8


def test_images_wrap_around():
    course = Course()
    course.run(pairs=6, images=2)
    assert [key for _, key in course.calls][-4:] == ["0.png"] * 4


def test_the_garbage_collector_rests_and_comes_back():
    course = Course()
    course.run(pairs=2)
    assert not any(course.collecting)
    assert gc.isenabled()


def test_the_collector_comes_back_after_a_crash():
    def crash(_):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        race(crash, crash, [open_image(np.zeros((1, 1, 3), np.uint8))], 1, warmup=0)
    assert gc.isenabled()


def test_images_are_decoded_before_the_first_call(tmp_path):
    from PIL import Image as Pillow

    Pillow.new("RGB", (4, 4)).save(tmp_path / "a.png")
    image = open_image(tmp_path / "a.png")

    def decoded(given):
        assert given._pixels is not None

    assert len(race(decoded, decoded, [image], 2)) == 2


def test_no_image_is_an_error():
    with pytest.raises(ValueError, match="at least one image"):
        race(print, print, [], 1)


def test_the_real_clock_sees_the_slower_one():
    import time

    image = open_image(np.zeros((1, 1, 3), np.uint8))
    times = race(lambda _: time.sleep(0.001), lambda _: time.sleep(0.005), [image], 5)
    assert sorted(candidate / baseline for baseline, candidate in times)[2] > 1.5
