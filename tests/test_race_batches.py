"""Batches of images of one size, and the race of calls with them."""

import numpy as np
import pytest

from pytest_damover.images import Image
from pytest_damover.race import Course
from pytest_damover.race.batches import batches_of, race_batches, why_not


def picture(key, size=1):
    return Image(key, None, np.zeros((size, size, 3), np.uint8), "")


def keys(images, size):
    return ["".join(image.key for image in batch) for batch in batches_of(images, size)]


def test_by_hand():
    assert keys([picture("a"), picture("b"), picture("c")], 2) == ["ab", "ca", "bc"]


@pytest.mark.parametrize("size", [1, 3, 8])
def test_every_batch_is_full_and_of_images_of_the_size_that_most_have(size):
    images = [picture("x", 9), picture("a"), picture("b"), picture("y", 9), picture("c")]
    assert all(len(batch) == size and "x" not in batch and "y" not in batch for batch in keys(images, size))
    assert {key for batch in keys(images, size) for key in batch} == set("abc")


def test_a_suite_of_many_images_makes_no_more_batches_than_a_race_needs():
    assert len(batches_of([picture(str(number)) for number in range(100)], 4)) == 16


class Counter:
    """Takes so many nanoseconds for a call with several images, and says which these were."""

    def __init__(self, course, takes_ns, **facts):
        self.course, self.takes_ns, self.facts = course, takes_ns, facts

    def timed_batch(self, images):
        self.course.append(len(images))
        return self.takes_ns + len(self.course), tuple(image.key for image in images)


def test_the_race_of_batches_is_a_race_and_shows_every_image_to_the_check():
    calls, shown = [], []
    sides = Counter(calls, 1000), Counter(calls, 3000)
    images = [picture(key) for key in "abcd"]
    course = Course(images, [8], check=lambda side, image, found: shown.append((side, image.key, found)))
    raced = race_batches(lambda _: sides, course, 3)
    assert raced.size == 3
    assert len(raced.pairs_ns) == 8
    assert set(calls) == {3}
    assert all(after > 2 * before for before, after in raced.pairs_ns)
    assert {side for side, _, _ in shown} == {0, 1}
    assert all(key == found for _, key, found in shown)
    assert len(shown) == 2 * 8 * 3


def test_who_cannot_is_named():
    able, unable = Counter([], 1, batches=True), Counter([], 1)
    assert why_not({"v1": able, "v2": able}) == ""
    assert why_not({"v1": able, "v2": unable}) == "the detector of v2 takes one image at a time"
