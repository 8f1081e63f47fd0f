"""One run at a time on a GPU, one race at a time on the processors: made-up GPUs, and the kernel's own locks."""

from __future__ import annotations

import contextlib
import fcntl
from collections import defaultdict

import pytest

from pytest_damover.machine_lock import Patience, hold

TWO_GPUS = """\
import time
from pytest_damover.detectors import replay
from pytest_damover.detectors._device import choose_device
replay.resolve_device = lambda asked: choose_device(asked, lambda: 2)
replay.gpus = lambda: ("GPU-aa", "GPU-bb")
detect = replay.ReplayDetector.__call__

def slow(self, image):
    time.sleep(0.02)
    return detect(self, image)

replay.ReplayDetector.__call__ = slow
"""
HELD = """\
import fcntl, pathlib, pytest

def free(name):
    with (pathlib.Path("locks") / f"damover-{name}.lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True

"""
RACE = "[latency]\nmax_ratio = 100\npairs = 12\n"


@pytest.fixture
def toy(toy):
    """With locks of its own, and no patience."""
    locks = toy.root / "locks"
    locks.mkdir()
    ini = toy.root / "pyproject.toml"
    ini.write_text(ini.read_text() + 'damover_lock_folder = "locks"\ndamover_lock_timeout = 0\n')
    return toy


@pytest.fixture
def on_gpus(toy, monkeypatch):
    """A machine with two GPUs, as the recorded detector sees it."""
    from pytest_damover.detectors import replay

    for name in ("resolve_device", "gpus"):
        monkeypatch.setattr(replay, name, getattr(replay, name))
    monkeypatch.setattr(replay.ReplayDetector, "__call__", replay.ReplayDetector.__call__)
    (toy.root / "conftest.py").write_text(TWO_GPUS)
    return toy


def held_by_another(toy, name):
    return hold(name, Patience(toy.root / "locks", 0))


def is_free(toy, name):
    with (toy.root / f"locks/damover-{name}.lock").open() as file, contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def race_of(toy):
    (end,) = (record for record in toy.journal if record["kind"] == "finish" and ":latency@" in record["item"])
    return end


def test_c4_a_run_has_its_gpu_to_itself_from_the_first_item_to_the_end(on_gpus):
    on_gpus.test_file(HELD + "def test_it(detector):\n    assert not free('GPU-aa')\n")
    assert on_gpus.compare().ret == 0
    assert on_gpus.plan["device"] == "cuda:0"
    assert is_free(on_gpus, "GPU-aa")
    assert not (on_gpus.root / "locks/damover-GPU-bb.lock").exists()


def test_c4_a_gpu_that_another_run_keeps_is_inconclusive_and_nothing_runs(on_gpus):
    with held_by_another(on_gpus, "GPU-bb"):
        result = on_gpus.compare("--damover-device", "cuda:1")
        assert result.ret == 20
    assert on_gpus.verdict["counts"]["run"] == 0
    assert on_gpus.plan["device"] == "cuda:1 (not available)"
    assert "in use by another run (pid " in on_gpus.plan["narrowed"][-1]
    assert on_gpus.compare("--damover-device", "cuda:1").ret == 0


def test_without_the_gate_a_gpu_is_one_runs_as_well(on_gpus):
    on_gpus.test_file(HELD + "def test_it(detector):\n    assert not free('GPU-aa')\n")
    assert on_gpus.compare("--damover-no-gate").ret == 0
    with held_by_another(on_gpus, "GPU-aa"):
        result = on_gpus.compare("--damover-no-gate")
    assert result.ret == 20
    assert "in use by another run (pid " in result.stdout.str()
    assert on_gpus.compare("--damover-no-gate", "--damover-device", "cuda:7").ret == 1


def test_who_waits_for_a_gpu_is_told_for_whom(on_gpus, capfd):
    with held_by_another(on_gpus, "GPU-aa"):
        on_gpus.compare("--damover-lock-timeout", "0.1")
    assert "damover: waiting for GPU-aa: in use by another run (pid " in capfd.readouterr().err


def test_a_race_that_never_got_the_processors_is_inconclusive_and_says_who_had_them(toy):
    toy.policy((toy.suite / "gate.toml").read_text() + RACE)
    with held_by_another(toy, "cpu"):
        assert toy.compare().ret == 20
    end = race_of(toy)
    assert (end["outcome"], end["device"]) == ("skipped", "cpu")
    assert "cpu: in use by another run (pid " in end["reason"]
    toy.compare()
    assert race_of(toy)["outcome"] == "passed"


def test_a_race_has_the_processors_while_it_runs_and_only_then(toy, monkeypatch):
    from pytest_damover import race

    seen, real = [], race.race

    def racing(*arguments):
        seen.append(is_free(toy, "cpu"))
        return real(*arguments)

    monkeypatch.setattr(race, "race", racing)
    toy.policy((toy.suite / "gate.toml").read_text() + RACE)
    toy.compare()
    assert race_of(toy)["outcome"] == "passed"
    assert seen == [False]
    assert is_free(toy, "cpu")


@pytest.mark.parametrize("fixture", ["latency", "benchmark"])
def test_a_python_test_that_times_waits_for_the_processors_too(toy, fixture):
    toy.test_file(f"def test_it({fixture}, detector, cases):\n    {fixture}\n\ndef test_other(detector):\n    pass\n")
    with held_by_another(toy, "cpu"):
        result = toy.compare()
    assert result.ret == 20
    ends = {record["item"]: record for record in toy.journal if record["kind"] == "finish"}
    assert ends["toy/test_toy.py::test_it:test@v1"]["outcome"] == "skipped"
    assert "in use by another run" in ends["toy/test_toy.py::test_it:test@v1"]["reason"]
    assert ends["toy/test_toy.py::test_other:test@v1"]["outcome"] == "passed"


def test_a_run_that_times_nothing_waits_for_nobody(toy):
    with held_by_another(toy, "cpu"):
        assert toy.compare().ret == 0


def test_a_lock_that_cannot_be_trusted_is_an_error_and_no_waiting(toy):
    (toy.root / "locks/damover-cpu.lock").symlink_to(toy.root / "gate")
    toy.policy((toy.suite / "gate.toml").read_text() + RACE)
    assert toy.compare().ret == 21
    assert not (toy.root / "gate").exists()


@pytest.mark.parametrize("seconds", ["", "soon", "-1", "nan", "inf"])
def test_a_timeout_that_is_none_is_a_usage_error(toy, seconds):
    result = toy.compare(f"--damover-lock-timeout={seconds}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "allowed: seconds, 0 or more" in result.stderr.str()


def test_the_command_line_names_another_folder_than_the_ini_file(toy):
    toy.policy((toy.suite / "gate.toml").read_text() + RACE)
    (toy.root / "mine").mkdir()
    with held_by_another(toy, "cpu"):
        toy.compare("--damover-lock-folder=mine")
    assert race_of(toy)["outcome"] == "passed"
    assert (toy.root / "mine/damover-cpu.lock").is_file()


def spread(on_gpus, *arguments):
    """A run over workers: the devices that each worker's items ran on."""
    pytest.importorskip("xdist")
    on_gpus.test_file(
        HELD + "import os\n\n@pytest.mark.parametrize('number', range(6))\ndef test_it(device, detector, number):\n"
        "    name = os.environ['PYTEST_XDIST_WORKER']\n"
        "    with open('workers', 'a') as file:\n"
        '        file.write(f\'{name} {device} {free("GPU-aa")} {free("GPU-bb")}\\n\')\n'
    )
    (on_gpus.root / "workers").unlink(missing_ok=True)
    result = on_gpus.compare(*arguments)
    told = defaultdict(set)
    for line in (on_gpus.root / "workers").read_text().splitlines():
        name, *seen = line.split()
        told[name].add(tuple(seen))
    return result, told


def test_with_workers_each_has_a_gpu_of_its_own_and_who_has_none_runs_nothing(on_gpus):
    (on_gpus.root / "locks/damover-GPU-bb.lock").touch()
    result, told = spread(on_gpus, "-n", "3")
    assert result.ret == 0
    assert told == {"gw0": {("cuda:0", "False", "False")}, "gw1": {("cuda:1", "False", "False")}}
    ends = [record for record in on_gpus.journal if record["kind"] == "finish"]
    assert {record["device"] for record in ends} == {"cuda:0", "cuda:1"}
    assert is_free(on_gpus, "GPU-aa")
    assert is_free(on_gpus, "GPU-bb")


def test_with_workers_a_gpu_that_was_asked_for_by_number_is_one_workers(on_gpus):
    (on_gpus.root / "locks/damover-GPU-aa.lock").touch()
    result, told = spread(on_gpus, "-n", "2", "--damover-device", "cuda:1")
    assert result.ret == 0
    assert told == {"gw0": {("cuda:1", "True", "False")}}


def test_with_workers_one_gpu_that_another_run_keeps_stops_the_run(on_gpus):
    with held_by_another(on_gpus, "GPU-bb"):
        assert on_gpus.compare("-n", "2").ret == 20
        assert on_gpus.compare("-n", "1").ret == 0


def test_a_worker_that_takes_a_dead_ones_place_takes_its_gpu(on_gpus):
    pytest.importorskip("xdist")
    on_gpus.test_file(
        "import os, pathlib, pytest\n\n@pytest.mark.parametrize('number', range(12))\n"
        "def test_it(device, detector, number):\n"
        "    name = os.environ['PYTEST_XDIST_WORKER']\n"
        "    with open('workers', 'a') as file:\n"
        "        file.write(f'{name} {device}\\n')\n"
        "    if name == 'gw1':\n        os._exit(1)\n"
    )
    assert on_gpus.compare("-n", "2").ret == 20
    told = dict(line.split() for line in (on_gpus.root / "workers").read_text().splitlines())
    assert told.pop("gw0") == "cuda:0"
    assert told.pop("gw1") == "cuda:1"
    assert set(told.values()) <= {"cuda:1"}
