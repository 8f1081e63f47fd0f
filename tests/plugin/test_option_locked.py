from __future__ import annotations

import pytest

from pytest_damover import cli


@pytest.fixture
def locked(toy):
    """The project with both revisions locked."""
    assert cli.main(["lock", "v1", "v2"]) == 0
    return toy


def test_revisions_that_are_as_they_were_locked_run(locked):
    assert locked.compare("--damover-locked").ret == 0


def test_a_changed_file_is_a_usage_error_that_names_it(locked):
    path = locked.root / "hub/acme/phones/v2/detections.json"
    path.write_text(path.read_text().replace("0.9", "0.8"))
    result = locked.compare("--damover-locked")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*revisions.lock: acme/phones v2: detections.json was * and is *", "*damover lock*"])
    assert not (locked.root / "reports").exists()


def test_a_new_file_is_named_too_and_without_the_option_nobody_asks(locked):
    (locked.root / "hub/acme/phones/v2/evil.py").write_text("")
    assert "evil.py is new" in locked.compare("-o", "damover_locked=true").stderr.str()
    assert locked.compare("-k", "one").ret == 20


def test_without_a_lock_file_it_is_a_usage_error(toy):
    result = toy.compare("--damover-locked")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "revisions.lock" in result.stderr.str()
