from __future__ import annotations

import pytest


def test_the_device_is_in_the_plan_and_in_every_record(toy):
    toy.compare("--damover-device", "cpu", "-k", "one")
    assert toy.plan["device"] == "cpu"
    assert {record["device"] for record in toy.journal if record["kind"] == "finish"} == {"cpu"}


def test_h5_an_end_has_its_device_also_where_the_model_did_not_load(toy):
    (toy.root / "hub/acme/phones/v2/detections.json").write_text("{}")
    toy.compare()
    ends = [record for record in toy.journal if record["kind"] == "finish"]
    assert {end["outcome"] for end in ends} == {"passed", "error"}
    assert {end["device"] for end in ends} == {"cpu"}


@pytest.mark.parametrize("hidden", ["", "-1"])
@pytest.mark.parametrize("arguments", [(), ("--damover-device", "cuda")])
def test_h5_with_the_gpus_hidden_a_policy_that_asks_for_one_is_inconclusive(toy, monkeypatch, hidden, arguments):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    toy.policy((toy.suite / "gate.toml").read_text().replace("[evidence]", '[evidence]\ndevice = "cuda"'))
    result = toy.pytester.runpytest_subprocess("-p", "no:cacheprovider", "--revisions", "v1,v2", *arguments)
    assert result.ret == 20
    assert toy.verdict["verdict"] == "INCONCLUSIVE"
    assert ("evidence.device", "INCONCLUSIVE") in toy.bad_findings()
    ran_on = {record["device"] for record in toy.journal if record["kind"] == "finish"}
    assert ran_on == (set() if arguments else {"cpu"})


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
