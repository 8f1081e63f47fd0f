import os
import subprocess
import sys

import pytest

from pytest_damover import __version__


def test_help_and_version_say_what_there_is(damover):
    code, out, _ = damover("--help")
    assert code == 0
    for command in ("judge", "report", "revisions", "lock", "diff", "convert", "new-case", "doctor", "schema"):
        assert command in out
    assert damover("--version")[:2] == (0, f"pytest-damover {__version__}\n")


def test_no_command_at_all_is_a_usage_error(damover):
    assert damover()[0] == 2


@pytest.mark.usefixtures("judged_project")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_gets_no_traceback_and_loses_no_exit_code(unbuffered):
    command = [sys.executable, "-m", "pytest_damover.cli", "judge", "reports/latest"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


@pytest.mark.usefixtures("judged_project")
def test_a_terminal_without_chinese_shows_escapes():
    command = [sys.executable, "-m", "pytest_damover.cli", "judge", "reports/latest", "--lang", "zh"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"\\u" in done.stdout
