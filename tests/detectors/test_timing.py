"""How long a call and its phases take: on a clock of our own, on the real pipeline, on a GPU where there is one."""

import contextlib

import numpy as np
import pytest

from pytest_damover.detectors import load_detector
from pytest_damover.detectors._timing import can_batch, time_batch, time_call, time_phases
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.timing.phases import IN_ORDER
from pytest_damover.images import Image, open_image

SEEN = open_image(np.zeros((2, 3, 3), np.uint8))


class Stepping:
    """A detector whose phases take so many nanoseconds of a clock that it moves itself."""

    def __init__(self, *takes_ns, marks=("forward", "postprocess")):
        self.now_ns, self.takes_ns, self.marks, self.mark = 1000, takes_ns, marks, None

    @contextlib.contextmanager
    def phases(self, mark):
        self.mark = mark
        yield
        self.mark = None

    def __call__(self, _image):
        for name, takes in zip((None, *self.marks), self.takes_ns, strict=True):
            if name and self.mark:
                self.mark(name)
            self.now_ns += takes
        return Detections.of([], [], [])

    def clock(self):
        return self.now_ns


def test_the_phases_of_a_call_are_told_and_sum_to_it():
    detector = Stepping(3, 50, 7)
    call = time_phases(detector, SEEN, detector.clock)
    assert dict(call.phases_ns) == {"preprocess": 3, "forward": 50, "postprocess": 7}
    assert call.took_ns == 60


def test_a_whole_call_watches_no_phase():
    detector = Stepping(3, 50, 7)
    assert time_call(detector, SEEN, detector.clock)[0] == 60
    assert detector.mark is None


@pytest.mark.parametrize("marks", [(), ("forward",), ("postprocess", "forward"), ("forward", "forward", "postprocess")])
def test_a_call_that_skips_or_repeats_a_phase_tells_none(marks):
    detector = Stepping(*[5] * (len(marks) + 1), marks=marks)
    call = time_phases(detector, SEEN, detector.clock)
    assert (call.took_ns, dict(call.phases_ns)) == (5 * (len(marks) + 1), {})


def test_a_detector_without_phases_is_timed_as_a_whole():
    now = iter((10, 25))
    call = time_phases(lambda _: Detections.of([], [], []), SEEN, lambda: next(now))
    assert (call.took_ns, dict(call.phases_ns)) == (15, {})


pipeline_test = pytest.mark.modelscope


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return [open_image(rng.integers(0, 255, (90, 110, 3), dtype=np.uint8)) for _ in range(3)]


@pytest.fixture(scope="module")
def loaded(two_repositories):
    detector = load_detector("modelscope", two_repositories[0], "cpu")
    yield detector
    detector.close()


@pipeline_test
def test_the_pipeline_finds_the_same_while_its_phases_are_watched_and_is_left_as_it_was(loaded, pictures):
    plain = loaded(pictures[0])
    before = vars(loaded.raw).keys() | vars(loaded.raw.model).keys()
    call = time_phases(loaded, pictures[0])
    assert call.found.to_json() == plain.to_json()
    assert tuple(call.phases_ns) == IN_ORDER
    assert all(each > 0 for each in call.phases_ns.values())
    assert sum(call.phases_ns.values()) == call.took_ns
    assert vars(loaded.raw).keys() | vars(loaded.raw.model).keys() == before


@pipeline_test
@pytest.mark.parametrize(("slow", "phase"), [("backbone", "forward"), ("postprocess", "postprocess")])
def test_what_is_slower_is_slower_in_its_own_phase(two_repositories, pictures, slow, phase, monkeypatch):
    """Time that the network or the making of boxes takes more is counted there, and nowhere else."""
    import time

    detector = load_detector("modelscope", two_repositories[0], "cpu")
    owner = detector.raw.model.backbone if slow == "backbone" else detector.raw.model
    name = "forward" if slow == "backbone" else "postprocess"
    method = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *given: (time.sleep(0.3), method(*given))[1])
    taken = time_phases(detector, pictures[0]).phases_ns
    assert taken[phase] > 0.3e9
    assert max(taken, key=taken.get) == phase


@pipeline_test
def test_the_pipelines_own_batch_size_is_of_no_use(loaded, pictures):
    """The day this fails, `_pipeline_parts.batch` can call the pipeline itself."""
    arrays = [picture.pixels[:, :, ::-1] for picture in pictures]
    for size in (1, 3):
        with pytest.raises(TypeError):
            loaded.raw(arrays, batch_size=size)


@pipeline_test
def test_a_batch_finds_in_each_image_what_a_single_call_does_with_one_forward_for_all(loaded, pictures, monkeypatch):
    alone = [loaded(picture) for picture in pictures]
    model, rows = loaded.raw.model, []
    method = model.forward
    monkeypatch.setattr(model, "forward", lambda given: (rows.append(len(given)), method(given))[1])
    took_ns, together = time_batch(loaded, pictures)
    assert rows == [3]
    assert took_ns > 0
    assert len({str(one.to_json()) for one in together}) == 3
    for one, other in zip(alone, together, strict=True):
        assert one.labels == other.labels
        assert np.allclose(one.boxes, other.boxes, atol=0.01)
        assert np.allclose(one.scores, other.scores, atol=1e-4)
    assert can_batch(loaded)


ONE = {"boxes": [[1, 2, 30, 40]], "scores": [0.9], "labels": ["phone"]}


def test_a_record_takes_several_images_when_it_says_how_long_that_takes(record):
    images = [Image("a"), Image("b"), Image("a")]
    none = {"boxes": [], "scores": [], "labels": []}
    detector = load_detector("replay", record({"detections": {"a": ONE, "b": none}, "batch_ms": 20}), "cpu")
    took_ns, together = time_batch(detector, images)
    assert [len(one) for one in together] == [1, 0, 1]
    assert took_ns >= 20_000_000
    assert can_batch(detector)
    assert not can_batch(load_detector("replay", record({"detections": {}}, "v2"), "cpu"))


def no_gpu():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    return not torch.cuda.is_available()


@pipeline_test
@pytest.mark.gpu
def test_the_synchronised_clock_and_the_gpus_own_say_the_same_of_forward(two_repositories, pictures):
    """Within 5 % or 0.2 ms: launching the first kernel and waiting for the last are in ours alone."""
    if no_gpu():
        pytest.skip("torch sees no CUDA device: there are no events to compare with")
    detector = load_detector("modelscope", two_repositories[0], "cuda:0")
    for _ in range(20):
        time_phases(detector, pictures[0])
    calls = [time_phases(detector, pictures[0]).phases_ns for _ in range(50)]
    ours, device = (float(np.median([call[name] for call in calls])) for name in ("forward", "forward_device"))
    assert abs(ours - device) <= max(0.05 * device, 200_000)


@pipeline_test
@pytest.mark.gpu
def test_a_batch_on_the_gpu_finds_what_single_calls_do(two_repositories, pictures):
    if no_gpu():
        pytest.skip("torch sees no CUDA device")
    detector = load_detector("modelscope", two_repositories[0], "cuda:0")
    for one, other in zip([detector(picture) for picture in pictures], detector.batch(pictures), strict=True):
        assert np.allclose(sorted(one.scores)[-5:], sorted(other.scores)[-5:], atol=1e-3)
