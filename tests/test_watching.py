"""The guards of a race: what is read of the machine, on a made-up one."""

import sys
from types import SimpleNamespace

import pytest

from pytest_damover.race.watching import Sample, conditions, cpu_sample, gpu_sample, is_steady, watcher


@pytest.fixture
def cpus(tmp_path):
    for number, khz in enumerate((1_200_000, 3_400_000)):
        folder = tmp_path / f"cpu{number}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_cur_freq").write_text(f"{khz}\n")
        (folder / "scaling_governor").write_text("powersave\n")
    return tmp_path


def test_the_fastest_core_is_the_one_at_work(cpus):
    seen = cpu_sample(cpus)
    assert (seen.clock_mhz, seen.governor) == (3400, "powersave")
    assert seen.load >= 0
    assert seen.others is None


def test_a_machine_that_tells_no_clock(tmp_path):
    assert cpu_sample(tmp_path).clock_mhz is None
    assert watcher("cpu", "", set, tmp_path)().governor == ""


@pytest.mark.parametrize(
    ("before", "after", "steady"),
    [
        (Sample(), Sample(), True),
        (Sample(clock_mhz=3000), Sample(), True),
        (Sample(clock_mhz=3000), Sample(clock_mhz=2900), True),
        (Sample(clock_mhz=3000), Sample(clock_mhz=2800), False),
        (Sample(clock_mhz=2800), Sample(clock_mhz=3000), False),
        (Sample(throttled=True), Sample(), False),
        (Sample(), Sample(throttled=True), False),
    ],
)
def test_a_clock_that_moved_or_was_throttled(before, after, steady):
    assert is_steady(before, after) is steady


class NvmlError(Exception):
    pass


def nvml(pids, reasons=0, broken=()):
    """A made-up NVML; the functions named in `broken` fail."""

    def told(name, answer):
        def ask(*_):
            if name in broken:
                raise NvmlError
            return answer

        return ask

    answers = {
        "nvmlInit": None,
        "nvmlShutdown": None,
        "nvmlDeviceGetHandleByUUID": "gpu",
        "nvmlDeviceGetComputeRunningProcesses": [SimpleNamespace(pid=pid) for pid in pids],
        "nvmlDeviceGetClockInfo": 1980,
        "nvmlDeviceGetTemperature": 61,
        "nvmlDeviceGetCurrentClocksThrottleReasons": reasons,
    }
    functions = {name: told(name, answer) for name, answer in answers.items()}
    return SimpleNamespace(NVMLError=NvmlError, NVML_CLOCK_SM=1, NVML_TEMPERATURE_GPU=0, **functions)


@pytest.mark.parametrize(
    ("pids", "ours", "others"),
    [
        ((7, 8), {7, 8}, 0),
        ((7, 8, 9), {7, 8}, 1),
        ((), {7, 8}, 0),
        ((101, 102), {7, 8}, 0),  # a container: NVML counts other numbers
        ((101, 102, 103), {7, 8}, 1),
    ],
)
def test_c7_other_compute_processes_are_counted(monkeypatch, pids, ours, others):
    monkeypatch.setitem(sys.modules, "pynvml", nvml(pids))
    seen = gpu_sample("GPU-1", ours)
    assert (seen.others, seen.clock_mhz, seen.temperature_c, seen.throttled) == (others, 1980, 61, False)


def test_heat_throttles_and_a_power_cap_that_is_always_there_does_not(monkeypatch):
    for reasons, throttled in ((0x40, True), (0x8, True), (0x4, False), (0x1, False)):
        monkeypatch.setitem(sys.modules, "pynvml", nvml((), reasons))
        assert gpu_sample("GPU-1", ()).throttled is throttled


@pytest.mark.parametrize("broken", ["nvmlInit", "nvmlDeviceGetHandleByUUID"])
def test_a_driver_that_does_not_answer_tells_nothing(monkeypatch, broken):
    monkeypatch.setitem(sys.modules, "pynvml", nvml((7,), broken=(broken,)))
    assert gpu_sample("GPU-1", ()).others is None


def test_without_nvml_nothing_is_told_of_the_gpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert watcher("cuda:0", "GPU-1", set)().others is None


def test_what_was_seen_comes_to_its_extremes():
    seen = [Sample(0.5, 3000, "powersave", 60, others=0), Sample(0.1, None, "", 70, others=2)]
    told = conditions(seen, 2, 1)
    assert (told.heats, told.thrown_away, told.load, told.clock_mhz) == (2, 1, (0.1, 0.5), (3000, 3000))
    assert (told.governor, told.temperature_c, told.others) == ("powersave", 70, 2)
    assert conditions([], 0, 0).to_json() == {"heats": 0, "thrown_away": 0}
