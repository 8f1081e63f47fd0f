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
        self.course.now_ns += self.takes_ns + self.course.drift_ns * len(self.course.calls)
        self.course.collecting.append(gc.isenabled())


class Course:
    def __init__(self, drift_ns=0):
        self.now_ns, self.drift_ns = 0, drift_ns
        self.calls, self.collecting = [], []

    def clock(self):
        return self.now_ns

    def run(self, *looks, warmup=0, images=2, is_decided=lambda _: False):
        pictures = [Image(f"{i}.png", None, np.zeros((1, 1, 3), np.uint8)) for i in range(images)]
        runners = Runner("A", 100, self), Runner("B", 130, self)
        return race(*runners, pictures, looks, is_decided, warmup, self.clock)


def test_the_order_is_abba_and_a_quad_shares_its_image():
    course = Course(drift_ns=1)
    course.run(4)
    assert "".join(name for name, _ in course.calls) == "ABBAABBA"
    assert [key for _, key in course.calls] == ["0.png"] * 4 + ["1.png"] * 4


def test_each_pair_is_baseline_then_candidate_whoever_ran_first():
    course = Course(drift_ns=1)  # a call takes as many nanoseconds more as calls have begun
    assert course.run(4) == ((101, 132), (104, 133), (105, 136), (108, 137))


def test_warm_up_is_not_timed():
    course = Course(drift_ns=1)
    assert len(course.run(2, warmup=3)) == 2
    assert len(course.calls) == 10


def test_it_ends_at_the_first_look_that_decides_and_is_asked_at_looks_alone():
    asked = []

    def decided(pairs):
        asked.append(len(pairs))
        return len(pairs) >= 6

    assert len(Course(drift_ns=1).run(4, 6, 12, is_decided=decided)) == 6
    assert asked == [4, 6]


def test_nobody_decided_so_it_ends_at_the_last_look():
    assert len(Course(drift_ns=1).run(4, 6, 12)) == 12


def test_a_quad_that_was_there_before_does_not_count_and_a_clock_that_stands_still_is_no_endless_race():
    course = Course(drift_ns=0)
    assert course.run(6) == ((100, 130), (100, 130))
    assert len(course.calls) == 4 * 6


def test_images_wrap_around():
    course = Course(drift_ns=1)
    course.run(6, images=2)
    assert [key for _, key in course.calls][-4:] == ["0.png"] * 4


def test_the_garbage_collector_rests_and_comes_back():
    course = Course(drift_ns=1)
    course.run(2)
    assert not any(course.collecting)
    assert gc.isenabled()


def test_the_collector_comes_back_after_a_crash():
    def crash(_):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        race(crash, crash, [open_image(np.zeros((1, 1, 3), np.uint8))], [2], warmup=0)
    assert gc.isenabled()


def test_images_are_decoded_before_the_first_call(tmp_path):
    from PIL import Image as Pillow

    Pillow.new("RGB", (4, 4)).save(tmp_path / "a.png")
    image = open_image(tmp_path / "a.png")

    def decoded(given):
        assert given._pixels is not None

    assert len(race(decoded, decoded, [image], [2])) == 2


def test_no_image_is_an_error():
    with pytest.raises(ValueError, match="at least one image"):
        race(print, print, [], [2])


def test_the_real_clock_sees_the_slower_one():
    import time

    image = open_image(np.zeros((1, 1, 3), np.uint8))
    times = race(lambda _: time.sleep(0.001), lambda _: time.sleep(0.005), [image], [6])
    assert sorted(candidate / baseline for baseline, candidate in times)[2] > 1.5
