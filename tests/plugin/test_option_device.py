from __future__ import annotations

import pytest


def test_the_device_is_in_the_plan_and_in_every_record(toy):
    toy.compare("--damover-device", "cpu", "-k", "one")
    assert toy.plan["device"] == "cpu"
    assert {record["device"] for record in toy.journal if record["kind"] == "finish"} == {"cpu"}


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there_is_inconclusive_and_nothing_runs_on_the_cpu_instead(toy, device):
    assert toy.compare("--damover-device", device).ret == 20
    assert toy.verdict["counts"]["run"] == 0


def test_the_command_line_wins_over_the_ini_file(toy):
    toy.compare("-o", "damover_device=cuda", "--damover-device", "cpu", "-k", "one")
    assert toy.plan["device"] == "cpu"
    assert toy.compare("-o", "damover_device=cuda").ret == 20


@pytest.mark.parametrize(
    "device", ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "CPU", "cuda:\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_what_is_no_device_is_a_usage_error(toy, device):
    result = toy.compare(f"--damover-device={device}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "allowed: auto, cpu, cuda, cuda:N" in result.stderr.str()
