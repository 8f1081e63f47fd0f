"""The `damover` command, called in a small project."""

from __future__ import annotations

import json
import sys

import pytest

from pytest_damover import cli

INI = """\
[tool.pytest.ini_options]
damover_hub = "local"
damover_model = "acme/phones"
damover_aliases = ["current = v1", "fast = v2"]
"""


@pytest.fixture
def damover(capsys, monkeypatch):
    """Run a command: its exit code, what it printed, what it complained of. It asks nobody."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)  # pytest-xdist tells its workers how wide the terminal is

    def run(*arguments):
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as exit:
            code = exit.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def run_folder(judged_project):
    return (judged_project / "reports/latest").resolve()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose local hub has v1, v2, which is data only, and v10; it is the current folder."""
    root = tmp_path / "project"
    for tag, files in {
        "v1": {"detections.json": "{}", "damoyolo.py": "print('v1')"},
        "v2": {"detections.json": '{"default": []}'},
        "v10": {"detections.json": "{}", "damoyolo.py": "print('v10')"},
    }.items():
        folder = root / "hub/acme/phones" / tag
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text)
    (root / "pyproject.toml").write_text(INI)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def lock_data(project):
    """What revisions.lock of the project says now."""

    def read():
        return json.loads((project / "revisions.lock").read_text())

    return read
