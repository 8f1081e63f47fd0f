from __future__ import annotations

import pytest


def runs(folder):
    return sorted(entry.name for entry in folder.iterdir() if entry.name != "latest")


def test_two_runs_have_two_folders_and_latest_names_the_second(toy):
    toy.compare("-k", "one")
    first = toy.plan["run_id"]
    toy.compare("-k", "one")
    second = toy.plan["run_id"]
    assert runs(toy.root / "reports") == sorted({first, second})
    assert (toy.root / "reports/latest").resolve().name == second


def test_two_runs_of_one_second_have_two_folders(toy, monkeypatch):
    from pytest_damover.plugin import judging

    class Stopped(judging.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 1, 1, tzinfo=tz)

    monkeypatch.setattr(judging, "datetime", Stopped)
    toy.compare("-k", "one")
    toy.compare("-k", "one")
    assert [name[:17] for name in runs(toy.root / "reports")] == ["20260101T000000Z-"] * 2


def test_the_command_line_wins_and_counts_from_where_pytest_was_called(toy, monkeypatch):
    monkeypatch.chdir(toy.suite)
    toy.compare("-o", "damover_reports=elsewhere", "--damover-reports", "../../out", "-k", "one")
    assert len(runs(toy.root / "out")) == 1
    assert not (toy.root / "elsewhere").exists()


def test_the_ini_file_counts_from_the_project(toy, monkeypatch):
    monkeypatch.chdir(toy.suite)
    toy.compare("-o", "damover_reports=out/deep", "-k", "one")
    assert len(runs(toy.root / "out/deep")) == 1


def test_a_file_in_its_place_is_a_usage_error(toy):
    (toy.root / "out").write_text("mine")
    result = toy.compare("--damover-reports", "out")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "a file is there" in result.stderr.str()


def test_a_folder_called_latest_is_an_error_before_anything_runs_and_is_left_alone(toy):
    (toy.root / "reports/latest").mkdir(parents=True)
    (toy.root / "reports/latest/precious.txt").write_text("mine")
    result = toy.compare()
    assert result.ret == 21
    assert "move it away" in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert (toy.root / "reports/latest/precious.txt").read_text() == "mine"
