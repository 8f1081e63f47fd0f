"""pytest takes a path after a space for its own: the value of one of our options must not choose the project."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def elsewhere(toy, tmp_path_factory):
    """A policy in a folder outside of the project, which has an ini-file of its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "pytest.ini").write_text("[pytest]\n")
    shutil.copy(toy.suite / "gate.toml", folder / "strict.toml")
    return folder


def test_a_value_outside_the_project_is_refused_and_the_way_out_is_told(toy, elsewhere):
    result = toy.compare("--damover-policy", str(elsewhere / "strict.toml"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"from {toy.root} to {elsewhere}" in result.stderr.str()
    assert f"--damover-policy={elsewhere / 'strict.toml'}" in result.stderr.str()
    assert not (toy.root / "reports").exists()


def test_with_an_equals_sign_it_is_the_options_own(toy, elsewhere):
    assert toy.compare(f"--damover-policy={elsewhere / 'strict.toml'}").ret == 0
    assert toy.plan["suites"][0]["policy_source"] == (elsewhere / "strict.toml").as_posix()


@pytest.mark.parametrize("own", [(), ("suites/toy",), ("suites/toy/cases/one.json::one",)])
def test_a_folder_of_runs_outside_is_seen_too_whatever_pytest_is_given_itself(toy, elsewhere, own):
    result = toy.compare("--damover-reports", str(elsewhere), *own)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--damover-reports={elsewhere}" in result.stderr.str()


def test_a_root_that_was_chosen_by_hand_leaves_the_ini_file_where_the_value_is(toy, elsewhere):
    result = toy.compare("--rootdir", ".", "--damover-policy", str(elsewhere / "strict.toml"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"from {toy.root} to {elsewhere}" in result.stderr.str()


def test_an_ini_file_that_was_chosen_by_hand_stands(toy, elsewhere):
    assert toy.compare("-c", "pyproject.toml", "--damover-policy", str(elsewhere / "strict.toml")).ret == 0


def test_a_value_inside_the_project_moves_nothing(toy):
    shutil.copy(toy.suite / "gate.toml", toy.root / "strict.toml")
    assert toy.compare("--damover-policy", "strict.toml").ret == 0
    assert toy.compare("--damover-policy", "suites/toy/gate.toml", "-n", "1").ret == 0
