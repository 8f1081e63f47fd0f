from __future__ import annotations

import pytest


@pytest.fixture
def strict(toy):
    """A policy file that asks for more cases than the suite has."""
    path = toy.root / "policies/strict.toml"
    path.parent.mkdir()
    path.write_text((toy.suite / "gate.toml").read_text().replace("min_cases = 2", "min_cases = 99"))
    return path


def test_it_stands_in_for_the_policy_of_every_suite(toy, strict):
    assert toy.compare("--damover-policy", "policies/strict.toml").ret == 20
    assert ("evidence.cases", "INCONCLUSIVE") in toy.bad_findings()
    assert toy.plan["suites"][0]["policy_source"] == strict.as_posix()


def test_the_command_line_counts_from_where_pytest_was_called(toy, strict, monkeypatch):
    monkeypatch.chdir(strict.parent)
    toy.compare("--rootdir", str(toy.root), "--damover-policy", "strict.toml", "-k", "one")
    assert toy.plan["suites"][0]["policy"]["evidence"]["min_cases"] == 99


def test_the_ini_file_counts_from_the_project(toy, strict, monkeypatch):
    monkeypatch.chdir(strict.parent)
    toy.compare("-o", "damover_policy=policies/strict.toml", "-k", "one")
    assert toy.plan["suites"][0]["policy"]["evidence"]["min_cases"] == 99


@pytest.mark.parametrize("policy", ["none.toml", "suites"])
def test_a_file_that_is_not_there_is_a_usage_error(toy, policy):
    result = toy.compare("--damover-policy", policy)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"{policy}: no such file" in result.stderr.str()


def test_a_policy_with_faults_is_an_error_before_anything_runs(toy, strict):
    strict.write_text("schema = 1\nmin = 3\n")
    assert toy.compare("--damover-policy", str(strict)).ret == 21
    assert [record["kind"] for record in toy.journal] == ["begin", "end"]
