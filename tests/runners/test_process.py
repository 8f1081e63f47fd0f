"""The child process runner on real revisions: what it finds, and how it takes what a child may do to it."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pytest_damover import runners
from pytest_damover.detectors import load_detector
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.images import open_image
from pytest_damover.race import Course, race
from pytest_damover.runners import CrashError, Timeouts, _hosting, _wire, process
from tests.runners.conftest import plant

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
    pairs = race(lambda _: (first, second), Course([picture()], [4], clock=lambda: pytest.fail("timed here"))).pairs_ns
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


@contextlib.contextmanager
def limits(runner, **seconds):
    """Let `runner` have other wall limits for a while."""
    before = runner._host.timeouts
    runner._host.timeouts = dataclasses.replace(before, **seconds)
    yield
    runner._host.timeouts = before


HANGS = {"in Python": 3, "deaf to signals": 9, "deaf and dumb": 10, "in C with the lock": 11}


@pytest.mark.parametrize("deed", HANGS.values(), ids=HANGS.keys())
def test_h2_a_child_that_hangs_in_a_case_is_killed(process_runner, loaded, deed, picture):
    loaded(picture())
    pid, began = loaded._child._pid, time.monotonic()
    with limits(process_runner, case=1.0), pytest.raises(CrashError, match=r"took longer than 1 s|its process ended"):
        loaded(picture(deed))
    assert time.monotonic() - began < 1 + 5
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    loaded(picture())


def test_h2_the_first_call_of_a_child_has_the_limit_of_the_warm_up(process_runner, loaded, picture):
    with limits(process_runner, warm_up=1.0, case=60), pytest.raises(CrashError, match="took longer than 1 s"):
        loaded(picture(3))
    with limits(process_runner, warm_up=60, case=0.5):
        loaded(picture())
        with pytest.raises(CrashError, match=r"took longer than 0\.5 s"):
            loaded(picture(3))
        loaded(picture())


def test_h2_a_revision_that_hangs_while_it_is_loaded_is_killed_and_did_not_crash_in_a_case(
    process_runner, hanging, demo
):
    process_runner.load("v1", demo)  # whatever is imported first has its own limit
    began = time.monotonic()
    with limits(process_runner, load=1.0), pytest.raises(DamoverError, match="load took longer than 1 s") as refused:
        process_runner.load("hanging", hanging)
    assert time.monotonic() - began < 1 + 5
    assert not isinstance(refused.value, CrashError)


def test_h2_a_host_that_does_not_start_is_given_up(monkeypatch):
    monkeypatch.setattr(_hosting, "_BOOT", "import time; time.sleep(1000)")
    runner = runners.open_runner("process", "replay", "cuda", Timeouts(start=1.0))
    began = time.monotonic()
    try:
        for _ in range(2):
            with pytest.raises(DamoverError, match="took longer than 1 s"):
                _ = runner.device
    finally:
        runner.close()
    assert time.monotonic() - began < 1 + 5


def test_h2_a_hanging_child_is_unloaded_at_once(process_runner, misbehaving, picture):
    detector = process_runner.load("wild", misbehaving)
    pid, began = detector._child._pid, time.monotonic()
    detector.begin(picture(11))
    process_runner.unload("wild")
    assert time.monotonic() - began < 5
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


NO_MEMORY = {
    "raised": (5, "out of memory: .*MemoryError: 7 bytes"),
    "numpy": (13, r"out of memory: 1\.00 PiB wanted|out of memory: .*Unable to allocate"),
    "torch": (14, r"out of memory: 1125899906842624 bytes wanted, \d+ bytes free of \d+"),
}


@pytest.mark.parametrize(("deed", "said"), NO_MEMORY.values(), ids=NO_MEMORY.keys())
def test_h4_out_of_memory_says_what_was_wanted_and_the_next_case_has_a_clean_child(loaded, deed, said, picture):
    pid = loaded._child._pid
    with pytest.raises(CrashError, match=said):
        loaded(picture(deed))
    loaded(picture())
    assert loaded._child._pid != pid


@pytest.mark.parametrize(("deed", "said"), [(12, "device-side assert"), (15, "CUBLAS_STATUS_INTERNAL_ERROR")])
def test_h3_a_lost_gpu_context_fails_that_case_and_the_next_has_a_clean_child(loaded, deed, said, picture):
    pid = loaded._child._pid
    with pytest.raises(CrashError, match=f"the GPU is lost to its process: .*{said}"):
        loaded(picture(deed))
    loaded(picture())
    assert loaded._child._pid != pid


def test_what_the_code_raises_is_told_and_the_child_lives_on(loaded, picture):
    deed, said = 4, "SystemExit: enough"
    pid = loaded._child._pid
    with pytest.raises(DamoverError, match=said):
        loaded(picture(deed))
    loaded(picture())
    assert loaded._child._pid == pid


def test_after_a_few_crashes_it_is_not_loaded_again(loaded, picture):
    for _ in range(process.MAX_CRASHES):
        with pytest.raises(CrashError):
            loaded(picture(1))
    for _ in range(2):
        with pytest.raises(CrashError, match=r"crashed 3 times.*exit code 0"):
            loaded(picture())


def test_what_does_not_load_again_after_a_crash_fails_that_case_too(loaded, picture, monkeypatch):
    with pytest.raises(CrashError):
        loaded(picture(1))
    refused = DamoverError(Fault(Code.LOAD, "wild", "a file has gone"))
    monkeypatch.setattr(loaded, "_load", lambda: raise_(refused))
    with pytest.raises(CrashError, match=r"does not load again \(a file has gone\) after it crashed: .*exit code 0"):
        loaded(picture())


def raise_(error):
    raise error


def test_a_child_that_ended_between_two_calls_fails_the_next(loaded, picture):
    loaded(picture())
    os.kill(loaded._child._pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while loaded._unheard is None and time.monotonic() < until:
        loaded.begin(picture())
    with pytest.raises(CrashError, match="SIGKILL"):
        loaded(picture())
    loaded(picture())


def test_a_question_that_was_broken_off_leaves_no_answer_to_be_taken_for_another(monkeypatch):
    runner = runners.open_runner("process", "replay", "auto", Timeouts())
    receive = _wire.receive

    def interrupted(*arguments):
        receive(*arguments)
        raise KeyboardInterrupt

    try:
        with monkeypatch.context() as patch:
            patch.setattr(_wire, "receive", interrupted)
            with pytest.raises(KeyboardInterrupt):
                _ = runner.device
        with pytest.raises(DamoverError, match="without its answer"):
            _ = runner.device
    finally:
        runner.close()


def test_a_call_that_was_broken_off_leaves_no_answer_to_be_taken_for_another(process_runner, demo, monkeypatch):
    detector = process_runner.load("v1", demo)
    first, second = (open_image(path, path.name) for path in sorted(SUITE.glob("images/*"))[:2])
    plain = detector(second).to_json()
    assert plain != detector(first).to_json()

    def too_late(*_):
        patch.undo()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_wire, "receive", too_late)
        with pytest.raises(KeyboardInterrupt):
            detector(first)
    assert detector(second).to_json() == plain


def test_what_a_child_started_ends_with_it(loaded, picture):
    with pytest.raises(CrashError, match="exit code 3") as refused:
        loaded(picture(16))
    left = int(str(refused.value).partition("printed last: left ")[2].split()[0])
    for _ in range(50):
        if not Path(f"/proc/{left}").exists():
            return
        time.sleep(0.1)
    pytest.fail(f"process {left} lives on")


def test_a_child_that_makes_the_shared_memory_larger_sees_larger_pictures_all_the_same(loaded, picture):
    loaded(picture(17))
    loaded(open_image(np.full((1500, 1500, 3), 90, dtype=np.uint8)))


def test_a_child_that_answers_before_it_is_asked_is_ended(loaded, picture):
    loaded(picture(18))  # the answer that it made up, before its own
    while not _wire.has_more(loaded._child._link):
        time.sleep(0.01)
    with pytest.raises(CrashError, match="before it was asked"):
        loaded(picture())
    loaded(picture())


def test_a_home_is_removed_however_deep_it_is(loaded, picture):
    home = loaded._child._home
    loaded(picture(19))
    assert (home / "d/d/d").is_dir()
    loaded.close()
    assert not home.exists()


BOASTING = """
import os, socket, stat, struct, time
for fd in range(3, 64):
    try:
        is_link = stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        continue
    if is_link:
        said = b'{"facts": {%s}, "confinement": {"in_force": [["network", "a lie"]], "not_prevented": []}}'
        os.write(fd, struct.pack("<II", len(said), 0) + said)
        if len(said) > 1000:
            time.sleep(1000)
"""


def test_what_confines_a_child_is_told_before_its_model_can_say_otherwise(process_runner, tmp_path):
    detector = process_runner.load("boasting", plant(tmp_path / "boasting", BOASTING.replace("%s", "")))
    assert "a lie" not in str(detector.facts)
    process_runner.unload("boasting")


def test_facts_that_are_too_many_to_write_down_are_refused(process_runner, tmp_path):
    folder = plant(tmp_path / "chatty", BOASTING.replace("%s", f'"x": [{"0, " * 40_000}0]'))
    with pytest.raises(DamoverError, match="told no facts"):
        process_runner.load("chatty", folder)


def test_what_is_sent_to_every_process_does_not_end_a_child_before_pytest_can(process_runner, demo, picture):
    detector = process_runner.load("v1", demo)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(process_runner._host._process.pid, number)
    os.kill(detector._child._pid, signal.SIGTERM)
    time.sleep(0.2)
    detector(picture())


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
    assert detector.timed(second)[0] > 0
    assert detector(first).to_json() == plain[0]
    assert len({str(one) for one in plain}) == 3


def test_a_child_tells_the_phases_of_a_call_and_takes_a_batch(process_runner, demo):
    detector = process_runner.load("v1", demo)
    images = [open_image(np.full((96, 128, 3), shade, np.uint8), f"{shade}.png") for shade in (60, 120)]
    alone = [detector(image).to_json() for image in images]
    call = detector.timed_in_phases(images[0])
    assert call.found.to_json() == alone[0]
    assert tuple(call.phases_ns) == ("preprocess", "forward", "postprocess")
    assert sum(call.phases_ns.values()) == call.took_ns
    took_ns, together = detector.timed_batch(images)
    assert took_ns > 0
    assert [len(one) for one in together] == [len(one["labels"]) for one in alone]
    assert detector(images[1]).to_json() == alone[1]


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
