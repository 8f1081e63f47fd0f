from __future__ import annotations

import pytest

from pytest_damover import runners
from pytest_damover.plugin import options


def test_inline_is_this_process(toy):
    assert toy.compare("--damover-runner", "inline", "-k", "one").ret == 20
    assert toy.verdict["counts"]["passed"] == 2


@pytest.mark.parametrize("runner", ["", "cloud"])
def test_what_is_no_runner_is_a_usage_error_that_lists_them(toy, runner):
    result = toy.compare("-o", f"damover_runner={runner}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "allowed: auto, inline" in result.stderr.str()


def test_auto_is_this_process_for_recorded_detections(toy):
    for arguments in ((), ("--damover-runner", "auto")):
        assert toy.compare(*arguments, "-k", "one").ret == 20
        assert toy.verdict["counts"]["passed"] == 2


@pytest.mark.parametrize(("runner", "detector"), [("auto", "replay"), ("inline", "modelscope"), ("cloud", "replay")])
def test_only_auto_is_decided_here(runner, detector):
    assert options._runner(runner, detector) == ("inline" if runner == "auto" else runner)


@pytest.mark.parametrize("exists", [True, False])
def test_auto_is_a_process_of_its_own_for_a_detector_that_runs_model_code(monkeypatch, exists):
    monkeypatch.setattr(runners, "names", lambda: ("inline", "process") if exists else ("inline",))
    assert options._runner("auto", "modelscope") == ("process" if exists else "inline")
