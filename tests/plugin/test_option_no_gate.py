from __future__ import annotations

import pytest

NOTHING = {"boxes": [], "scores": [], "labels": []}


def test_it_is_plain_pytest_with_its_exit_codes_and_without_a_run_folder(toy):
    assert toy.compare("--damover-no-gate").ret == pytest.ExitCode.OK
    assert toy.compare("--damover-no-gate", "-k", "one").ret == pytest.ExitCode.OK
    assert toy.compare("--damover-no-gate", "-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not (toy.root / "reports").exists()


def test_what_fails_fails_on_the_baseline_too(project):
    project.case("lost")
    project.revision("v1", lost=NOTHING)
    project.revision("v2", lost=NOTHING, latency_ms=0.001)
    result = project.compare("--damover-no-gate")
    result.assert_outcomes(failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_wrong_options_are_still_usage_errors(toy):
    assert toy.compare("--damover-no-gate", "--damover-lang", "fr").ret == pytest.ExitCode.USAGE_ERROR


def test_only_the_command_line_itself_switches_the_gate_off(toy, monkeypatch):
    told = ["*--damover-no-gate comes from addopts or PYTEST_ADDOPTS*"]
    with monkeypatch.context() as patch:
        patch.setenv("PYTEST_ADDOPTS", "--damover-no-gate")
        result = toy.compare()
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(told)
    ini = toy.root / "pyproject.toml"
    ini.write_text(ini.read_text() + "addopts = '--damover-no-gate'\n")
    result = toy.compare()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(told)
