import gc

import numpy as np
import pytest

from pytest_damover.detectors._timing import TimedCall
from pytest_damover.images import Image, open_image
from pytest_damover.race import ORDER, race
from pytest_damover.race import Course as RaceCourse
from pytest_damover.race.watching import Sample


class Runner:
    """A detector that takes a given time on a fake clock and notes each call."""

    def __init__(self, name, takes_ns, course):
        self.name, self.takes_ns, self.course = name, takes_ns, course

    def __call__(self, image):
        self.course.calls.append((self.name, image.key))
        self.course.now_ns += self.takes_ns + self.course.drift_ns * len(self.course.calls)
        self.course.collecting.append(gc.isenabled())
        return self.name


class Course:
    def __init__(self, drift_ns=0):
        self.now_ns, self.drift_ns = 0, drift_ns
        self.calls, self.collecting = [], []

    def clock(self):
        return self.now_ns

    def run(self, *looks, images=2, sizes=None, **more):
        sizes = sizes or [(1, 1)] * images
        pictures = [Image(f"{i}.png", None, np.zeros((*size, 3), np.uint8)) for i, size in enumerate(sizes)]
        self.heats = []

        def sides(_heat):
            self.heats.append(len(self.calls))
            return Runner("A", 100, self), Runner("B", 130, self)

        self.raced = race(sides, RaceCourse(images=pictures, looks=looks, clock=self.clock, **more))
        return self.raced.pairs_ns


WARM_UP = 6
"""Calls of both sides that a steady clock takes to show that they are warm, in each heat: sizes first, then two."""


def test_the_order_is_abba_baab_and_two_images_share_an_octet():
    course = Course(drift_ns=1)
    course.run(8)
    first, second = (course.calls[start + WARM_UP :][:8] for start in course.heats)
    assert "".join(name for name, _ in first) == "ABBABAAB"
    assert [key for _, key in (*first, *second)] == (["0.png"] * 4 + ["1.png"] * 4) * 2


def test_every_other_heat_has_the_sides_in_turned_roles_and_begins_with_the_other():
    course = Course(drift_ns=1)
    course.run(8)
    _, second = course.heats
    assert "".join(name for name, _ in course.calls[second:]) == "BBBAAA" + "BAABABBA"


def test_each_side_is_first_and_after_itself_as_often_as_the_other():
    assert sorted(ORDER) == [0] * 4 + [1] * 4
    before = list(zip((ORDER[-1], *ORDER), (*ORDER, ORDER[0]), strict=True))[: len(ORDER)]
    assert sorted(before) == sorted((1 - one, 1 - other) for one, other in before)


def test_each_pair_is_baseline_then_candidate_whoever_ran_first():
    course = Course(drift_ns=1)  # a call takes as many nanoseconds more as calls have begun
    assert course.run(4) == ((107, 138), (110, 139), (112, 141), (113, 144))


def test_both_are_loaded_anew_in_the_middle_of_the_first_look_and_after_each():
    course = Course(drift_ns=1)
    course.run(16, 24, 36)
    calls = [
        end - start - WARM_UP for start, end in zip(course.heats, [*course.heats[1:], len(course.calls)], strict=True)
    ]
    assert [count // 2 for count in calls] == [8, 8, 8, 8, 4]
    assert course.raced.heats == 5


@pytest.mark.parametrize(
    ("looks", "ends"),
    [
        ((24,), (12, 24)),
        ((4,), (4,)),
        ((20, 32, 48, 72, 100), (12, 20, 32, 48, 60, 72, 88, 100)),
        ((664,), (332, 664)),
    ],
)
def test_heats_end_at_looks_and_none_is_longer_than_half_the_first(looks, ends):
    course = Course(drift_ns=1)
    course.run(*looks)
    begun = [0, *ends[:-1]]
    assert [start - WARM_UP * heat for heat, start in enumerate(course.heats)] == [2 * pairs for pairs in begun]


def test_warm_up_goes_on_while_a_side_gets_faster_and_is_not_timed():
    course = Course(drift_ns=-10)
    pairs = course.run(4)
    assert len(pairs) == 4
    assert len(course.calls) > WARM_UP + 8
    assert max(map(max, pairs)) < 130


def test_warm_up_has_a_picture_of_each_size_first():
    course = Course(drift_ns=1)
    course.run(8, sizes=[(1, 1), (2, 2)])
    assert [key for _, key in course.calls[:4]] == ["0.png", "1.png", "0.png", "0.png"]


def test_warm_up_ends_however_fast_a_side_still_becomes():
    course = Course()
    times = iter(range(10**9, 0, -(10**7)))
    course.clock = lambda: next(times) ** 2 % 10**12
    assert len(course.run(4)) <= 4
    assert len(course.calls) <= 2 * (20 + 1) + 8 * 2


def test_it_ends_at_the_first_look_that_decides_and_is_asked_at_looks_alone():
    asked = []

    def decided(pairs):
        asked.append(len(pairs))
        return len(pairs) >= 12

    assert len(Course(drift_ns=1).run(8, 12, 24, is_decided=decided)) == 12
    assert asked == [8, 12]


def test_nobody_decided_so_it_ends_at_the_last_look():
    assert len(Course(drift_ns=1).run(8, 12, 24)) == 24


def test_an_octet_that_was_there_before_does_not_count_and_a_clock_that_stands_still_is_no_endless_race():
    course = Course(drift_ns=0)
    assert course.run(12) == ((100, 130),) * 4
    assert len(course.calls) <= 3 * WARM_UP + 8 * 7


def test_a_block_in_which_the_clock_moved_is_thrown_away_and_run_anew():
    clocks = iter([3000.0, 2000.0, *[3000.0] * 50])
    course = Course(drift_ns=1)
    assert len(course.run(16, watch=lambda: Sample(clock_mhz=next(clocks)))) == 16
    assert course.raced.thrown_away == 1
    assert len(course.calls) == 2 * WARM_UP + 8 * (4 + 2)


def test_a_clock_that_never_stands_leaves_too_few_pairs_and_no_endless_race():
    clocks = iter([3000.0, 2000.0] * 100)
    course = Course(drift_ns=1)
    assert course.run(24, watch=lambda: Sample(clock_mhz=next(clocks))) == ()
    assert course.raced.thrown_away > 1


def test_every_timed_call_is_shown_with_its_side():
    shown = []
    course = Course(drift_ns=1)
    course.run(4, check=lambda side, image, found: shown.append((side, image.key, found)))
    assert shown == [(side, f"{turn // 4}.png", "AB"[side]) for turn, side in enumerate(ORDER)]


def test_images_wrap_around():
    course = Course(drift_ns=1)
    course.run(8, images=3)
    assert [key for _, key in course.calls][-4:] == ["0.png"] * 4


def test_the_garbage_collector_rests_and_comes_back():
    course = Course(drift_ns=1)
    course.run(4)
    assert not any(course.collecting)
    assert gc.isenabled()


def test_the_collector_comes_back_after_a_crash():
    def crash(_):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        race(lambda _: (crash, crash), RaceCourse([open_image(np.zeros((1, 1, 3), np.uint8))], [4]))
    assert gc.isenabled()


def test_images_are_decoded_before_the_first_call(tmp_path):
    from PIL import Image as Pillow

    Pillow.new("RGB", (4, 4)).save(tmp_path / "a.png")
    image = open_image(tmp_path / "a.png")

    def decoded(given):
        assert given._pixels is not None

    assert len(race(lambda _: (decoded, decoded), RaceCourse([image], [4])).pairs_ns) == 4


def test_no_image_is_an_error():
    with pytest.raises(ValueError, match="at least one image"):
        race(lambda _: (print, print), RaceCourse([], [4]))


def test_the_real_clock_sees_the_slower_one():
    import time

    image = open_image(np.zeros((1, 1, 3), np.uint8))
    sides = (lambda _: time.sleep(0.001)), (lambda _: time.sleep(0.005))
    times = race(lambda _: sides, RaceCourse([image], [8])).pairs_ns
    assert sorted(candidate / baseline for baseline, candidate in times)[4] > 1.5


class Phased(Runner):
    """A runner that tells the phases of its calls: what is left of a call after one of 20 ns is forward."""

    asked = 0

    def timed_in_phases(self, image):
        self.asked += 1
        before = self.course.now_ns
        found = self(image)
        took_ns = self.course.now_ns - before
        return TimedCall(took_ns, found, {"preprocess": 20, "forward": took_ns - 20, "postprocess": 0})


@pytest.mark.parametrize("second", [Phased, Runner])
def test_the_phases_of_the_pairs_that_count_are_told_where_both_sides_tell_them(second):
    clocks = iter([3000.0, 2000.0, *[3000.0] * 50])
    course = Course(drift_ns=1)
    picture = Image("a.png", None, np.zeros((1, 1, 3), np.uint8))
    sides = Phased("A", 100, course), second("B", 130, course)
    watch = RaceCourse([picture], [8], watch=lambda: Sample(clock_mhz=next(clocks)), clock=course.clock)
    raced = race(lambda _: sides, watch)
    assert (raced.thrown_away, len(raced.pairs_ns)) == (1, 8)
    if second is Runner:
        assert raced.phases_ns == {}
        assert sides[0].asked == 0, "a GPU would be waited for between the phases of one side alone"
    else:
        forward = tuple((before - 20, after - 20) for before, after in raced.pairs_ns)
        assert raced.phases_ns == {"preprocess": ((20, 20),) * 8, "forward": forward, "postprocess": ((0, 0),) * 8}


def test_what_is_lost_is_counted_by_its_cause():
    samples = iter([Sample(), Sample(throttled=True), Sample(clock_mhz=3000.0), Sample(clock_mhz=2000.0)])
    course = Course(drift_ns=1)
    course.run(8, watch=lambda: next(samples, Sample()))
    assert (course.raced.thrown_away, course.raced.throttled, course.raced.copies) == (2, 1, 0)
    still = Course(drift_ns=0)
    still.run(8)
    assert still.raced.copies > 0


def test_decoding_is_told_for_each_image_that_was_decoded_here(tmp_path):
    from PIL import Image as Pillow

    Pillow.new("RGB", (4, 4)).save(tmp_path / "a.png")
    images = [open_image(tmp_path / "a.png"), open_image(np.zeros((1, 1, 3), np.uint8))]
    (told,) = race(lambda _: (print, print), RaceCourse(images, [4])).decode_ns
    assert told == images[0].decode_ns > 0


def test_a_quad_in_which_a_side_waited_for_its_core_is_run_anew_at_once():
    course = Course(drift_ns=1)
    asked = iter(range(1000))
    # looked at before and after each call: the third call of the second quad waits, that quad is eight looks long
    waited = {9 + 4: 50}
    told = [0, 0]

    def waits(side):
        told[side] += waited.get(next(asked), 0)
        return told[side]

    course.run(4, waited=waits)
    assert "".join(name for name, _ in course.calls[WARM_UP:]) == "ABBA" + "BAAB" * 2
    assert (course.raced.crowding.quads, course.raced.crowding.sides) == (1, [1, 0])
    assert len(course.raced.pairs_ns) == 4


def test_crowded_quads_are_run_anew_up_to_as_many_as_count_and_then_they_count():
    course = Course(drift_ns=1)
    told = [0, 0]

    def waits(side):
        told[side] += 50
        return told[side]

    assert len(course.run(8, waited=waits)) == 8
    assert course.raced.crowding.sides == [4, 4]
    assert len(course.calls) == 2 * WARM_UP + 4 * (4 + 4)
