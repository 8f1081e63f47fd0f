"""The child process runner on real revisions: what it finds, and how it takes what a child may do to it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pytest_damover import runners
from pytest_damover.detectors import load_detector
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.images import open_image
from pytest_damover.race import race
from pytest_damover.runners import process
from pytest_damover.runners._hosting import CrashError

pytestmark = [
    pytest.mark.modelscope,
    pytest.mark.skipif(sys.platform != "linux", reason="child processes are confined on Linux only"),
]
SUITE = Path(__file__).parents[2] / "suites/phone"


@pytest.fixture
def loaded(process_runner, misbehaving):
    """The misbehaving revision, in a new child."""
    detector = process_runner.load("wild", misbehaving)
    yield detector
    process_runner.unload("wild")


def test_a_child_finds_what_the_same_model_finds_here(process_runner, demo):
    inside = load_detector("modelscope", demo, "cpu")
    outside = process_runner.load("v1", demo)
    pictures = [open_image(path, path.name) for path in sorted(SUITE.glob("images/*"))[:20]]
    for image in pictures:
        assert outside(image).to_json() == inside(image).to_json()
    assert sum(len(inside(image)) for image in pictures) > 0
    facts = {name: value for name, value in outside.facts.items() if name not in ("runner", "confinement")}
    assert facts == dict(inside.facts)


def test_pictures_of_any_size_come_through(process_runner, demo):
    detector = process_runner.load("v1", demo)
    for height_px, width_px in ((1, 1), (33, 1), (2400, 1800), (64, 64)):
        detector(open_image(np.zeros((height_px, width_px, 3), dtype=np.uint8)))


def test_a_race_is_timed_in_the_children(process_runner, demo, picture):
    first = process_runner.load("v1", demo)
    second = process_runner.load("v2", demo.parent / "v2.0.0", beside=True)
    pairs = race(first, second, [picture()], 4, clock=lambda: pytest.fail("timed here"))
    assert len(pairs) == 4
    assert all(1e5 < nanoseconds < 1e10 for pair in pairs for nanoseconds in pair)


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (1, "exit code 0"),
        (2, "SIGKILL"),
        (6, "answered with"),
        (7, "SIGSEGV"),
        (8, "the last words"),
    ],
)
def test_a_child_that_ends_in_the_middle_fails_that_call_and_the_next_has_a_clean_one(loaded, deed, said, picture):
    assert len(loaded(picture()).labels) >= 0
    with pytest.raises(CrashError, match=said) as refused:
        loaded(picture(deed))
    assert refused.value.faults[0].code is Code.RUNNER
    loaded(picture())


@pytest.mark.parametrize("deed", [3, 9, 10])
def test_a_child_that_hangs_is_killed(loaded, deed, monkeypatch, picture):
    monkeypatch.setattr(process, "CALL_S", 1.0)
    pid = loaded._child._pid
    began = time.monotonic()
    with pytest.raises(CrashError):
        loaded(picture(deed))
    assert time.monotonic() - began < 6
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    loaded(picture())


@pytest.mark.parametrize(("deed", "said"), [(4, "SystemExit: enough"), (5, "MemoryError: 7 bytes")])
def test_what_the_code_raises_is_told_and_the_child_lives_on(loaded, deed, said, picture):
    pid = loaded._child._pid
    with pytest.raises(DamoverError, match=said):
        loaded(picture(deed))
    loaded(picture())
    assert loaded._child._pid == pid


def test_after_a_few_crashes_it_is_not_loaded_again(loaded, picture):
    for _ in range(process.MAX_CRASHES):
        with pytest.raises(CrashError):
            loaded(picture(1))
    with pytest.raises(DamoverError, match=r"crashed 3 times.*exit code 0"):
        loaded(picture())


def test_a_folder_that_does_not_load_is_refused_with_the_reason(process_runner, tmp_path):
    (tmp_path / "configuration.json").write_text("{}")
    with pytest.raises(DamoverError, match="does not load"):
        process_runner.load("broken", tmp_path)


def test_the_model_itself_cannot_be_had(loaded):
    with pytest.raises(DamoverError, match="`model` fixture"):
        _ = loaded.raw


def test_a_device_that_is_not_there_is_refused():
    runner = runners.open_runner("process", "replay", "cuda:7")
    try:
        with pytest.raises(DamoverError) as refused:
            _ = runner.device
        assert refused.value.faults[0].code is Code.DEVICE
    finally:
        runner.close()


def test_nothing_is_left_behind(misbehaving):
    runner = runners.open_runner("process", "modelscope", "cpu")
    pid = runner.load("wild", misbehaving)._child._pid
    homes = runner._host._homes
    assert homes.is_dir()
    runner.close()
    assert not homes.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_was_begun_is_the_answer_to_the_next_call_of_that_image_only(process_runner, demo):
    detector = process_runner.load("v1", demo)
    paths = sorted(SUITE.glob("images/*"))[:3]
    plain = [detector(open_image(path, path.name)).to_json() for path in paths]
    first, second, third = (open_image(path, path.name) for path in paths)
    for image in (first, second, third):
        _ = image.pixels
    detector.begin(first)
    assert detector(first).to_json() == plain[0]
    detector.begin(second)
    assert detector(third).to_json() == plain[2]
    assert detector(second).to_json() == plain[1]
    detector.begin(first)
    assert detector.time_ns(second) > 0
    assert detector(first).to_json() == plain[0]
    assert len({str(one) for one in plain}) == 3


def test_a_child_that_ends_before_it_is_waited_for_fails_that_call(loaded, picture):
    bad = picture(1)
    loaded.begin(bad)
    with pytest.raises(CrashError, match="exit code 0"):
        loaded(bad)
    loaded(picture())


def test_a_parent_that_is_killed_leaves_no_process_and_no_folder(misbehaving, tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from pytest_damover import runners; "
        "runner = runners.open_runner('process', 'modelscope', 'cpu'); "
        "detector = runner.load('wild', Path(sys.argv[1])); "
        "print(runner._host._process.pid, detector._child._pid, runner._host._homes, flush=True); "
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(misbehaving)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == -9, done.stderr
    host, child, homes = done.stdout.split()
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in (host, child)) and not Path(homes).exists():
            return
        time.sleep(0.1)
    pytest.fail(f"still there: {homes}, host {host}, child {child}")
