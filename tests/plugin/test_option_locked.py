from __future__ import annotations

import pytest

from pytest_damover import cli
from pytest_damover.plugin.options import read_options


@pytest.fixture
def locked(toy):
    """The project with both revisions locked."""
    assert cli.main(["lock", "v1", "v2"]) == 0
    return toy


@pytest.fixture
def silent(toy):
    """The project, whose ini-file says nothing about locks."""
    path = toy.root / "pyproject.toml"
    path.write_text(path.read_text().replace("damover_locked = false\n", ""))
    return toy


def test_revisions_that_are_as_they_were_locked_run(locked):
    assert locked.compare("--damover-locked").ret == 0


def test_t7_a_moved_tag_is_a_usage_error_that_names_each_file(locked):
    path = locked.root / "hub/acme/phones/v2/detections.json"
    path.write_text(path.read_text().replace("0.9", "0.8"))
    result = locked.compare("--damover-locked")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*revisions.lock: acme/phones v2: detections.json was * and is *", "*damover lock v2*"]
    )
    assert not (locked.root / "reports").exists()


def test_a_new_file_is_named_too_and_without_the_option_nobody_asks(locked):
    (locked.root / "hub/acme/phones/v2/evil.py").write_text("")
    assert "evil.py is new" in locked.compare("-o", "damover_locked=true").stderr.str()
    assert locked.compare("-k", "one").ret == 20


def test_without_a_lock_file_it_is_a_usage_error_that_tells_both_ways_out(toy):
    result = toy.compare("--damover-locked")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    for said in ("revisions.lock", "damover lock v1 v2", "damover_locked = false"):
        assert said in result.stderr.str()


@pytest.mark.parametrize(
    ("ci", "arguments", "locked"),
    [
        ("", (), False),
        ("false", (), False),
        ("true", (), True),
        ("True", (), True),
        ("1", (), True),
        ("true", ("-o", "damover_locked=false"), False),
        ("", ("-o", "damover_locked=true"), True),
        ("true", ("--damover-unlocked",), False),
        ("", ("-o", "damover_locked=true", "--damover-unlocked"), False),
        ("", ("-o", "damover_locked=false", "--damover-locked"), True),
        ("", ("--damover-locked", "--damover-unlocked"), False),
        ("", ("--damover-unlocked", "--damover-locked"), True),
    ],
    ids=str,
)
def test_command_line_over_ini_over_ci(silent, monkeypatch, ci, arguments, locked):
    monkeypatch.setenv("CI", ci)
    assert read_options(silent.pytester.parseconfig("--revisions", "v1,v2", *arguments)).locked is locked


def test_t7_in_ci_a_run_without_a_lock_does_not_begin(silent, monkeypatch):
    monkeypatch.setenv("CI", "true")
    result = silent.compare()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "damover lock v1 v2" in result.stderr.str()
    assert not (silent.root / "reports").exists()
