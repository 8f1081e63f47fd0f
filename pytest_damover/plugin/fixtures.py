"""The fixtures of suites' Python tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_damover import images
from pytest_damover.detectors import Detector
from pytest_damover.detectors._timing import wait_for_device
from pytest_damover.domain.case import Case
from pytest_damover.domain.detection import Detections
from pytest_damover.domain.revision import Revision
from pytest_damover.plugin import gather
from pytest_damover.plugin.golden import HELD, SHOWN, GoldenFixture, Held, Shown
from pytest_damover.plugin.items import FACTS
from pytest_damover.plugin.shelf import Shelf
from pytest_damover.plugin.stopwatch import Stopwatch
from pytest_damover.suites import Suite

Detect = Callable[[Any], Detections]


class Pair(tuple[Detect, Detect]):
    """Both sides of a comparison, loaded side by side: `first, second = pair`, or by name."""

    __slots__ = ()

    @property
    def baseline(self) -> Detect:
        """The revision in force."""
        return self[0]

    @property
    def candidate(self) -> Detect:
        """The revision that asks to replace it."""
        return self[1]


def _state(request: pytest.FixtureRequest) -> gather.Gather:
    return gather.of(request.config)


def _opening(detector: Detector, revision: Revision, request: pytest.FixtureRequest) -> Detect:
    shown = request.node.stash.setdefault(SHOWN, Shown()) if "golden" in request.fixturenames else None

    def detect(image: Any) -> Detections:
        """Detections of a path, a Pillow image, an RGB array (H, W, 3) uint8, or an `Image`."""
        opened = images.open_image(image)
        detections = detector(opened)
        wait_for_device()  # whoever times this call, pytest-benchmark for one, times all of it
        if shown is not None:
            shown.found.append((detections, revision, opened.sha256))
        return detections

    return detect


@pytest.fixture
def revision(request: pytest.FixtureRequest) -> Revision:
    """The revision under test."""
    found: Revision | None = getattr(request, "param", None)
    if found is None:
        pytest.fail(
            "which revision? Ask for it, or for detector, model, pair, …, as an argument of a test function in a "
            "suite: it is too late for request.getfixturevalue, and pytest runs a unittest.TestCase only once",
            pytrace=False,
        )
    return found


@pytest.fixture
def detector(request: pytest.FixtureRequest, revision: Revision) -> Detect:
    """`detector(image) -> Detections` of the revision under test; the model is loaded once for all tests in a row."""
    return _opening(_state(request).models.one(revision), revision, request)


@pytest.fixture
def model(request: pytest.FixtureRequest, revision: Revision) -> Any:
    """The raw object that the loader returns (for ModelScope: the pipeline), in the test's own process."""
    return _state(request).models.raw(revision)


@pytest.fixture
def pair(request: pytest.FixtureRequest, revision: Revision) -> Pair:
    """Baseline and candidate, loaded side by side; the test runs once per candidate."""
    state = _state(request)
    baseline = state.lineup.baseline
    assert baseline is not None
    first, second = state.models.several(baseline, revision)
    return Pair((_opening(first, baseline, request), _opening(second, revision, request)))


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """The device the models run on: `cpu` or `cuda:N`."""
    return _state(request).models.device


class SuiteCases(dict[str, Case]):
    """A suite's good cases by name; `image(name)` opens a case's picture."""

    def __init__(self, suite: Suite, shelf: Shelf) -> None:
        super().__init__((entry.name, entry) for entry in suite.all_cases() if isinstance(entry, Case))
        self._suite = suite
        self._shelf = shelf

    def image(self, name: str) -> images.Image:
        """The picture of the case of that name."""
        return self._shelf.image(self._suite, self[name])


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> SuiteCases:
    """The cases of the test's suite, by name."""
    state = _state(request)
    return SuiteCases(state.suites[request.node.stash[FACTS].suite], state.shelf)


@pytest.fixture
def golden(request: pytest.FixtureRequest, revision: Revision) -> GoldenFixture:
    """`golden(detections, name)`: compare with what a person accepted under `golden/<suite>/`."""
    stash = request.node.stash
    shown, held = stash.setdefault(SHOWN, Shown()), stash.setdefault(HELD, Held())
    return GoldenFixture(_state(request), stash[FACTS].suite, revision, shown, held)


@pytest.fixture
def latency(request: pytest.FixtureRequest, revision: Revision) -> Stopwatch:
    """`latency(images, rounds=5)`: times the detector under test; nanoseconds of each call, and their median."""
    return Stopwatch(_state(request).models.one(revision))


class WithoutBenchmark:
    """Stands in for pytest-benchmark where it is not installed: as with `--benchmark-disable`, one call, no numbers."""

    @pytest.fixture
    def benchmark(self) -> Any:
        """Call the function once and return its result."""

        def once(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        def pedantic(function: Callable[..., Any], args: Any = (), kwargs: Any = None, **_: Any) -> Any:
            return function(*args, **(kwargs or {}))

        once.pedantic = pedantic  # type: ignore[attr-defined]
        return once
