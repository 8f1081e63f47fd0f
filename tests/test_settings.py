import re
import subprocess
import sys

import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.settings import DEFAULTS, read_settings

INI = "[pytest]\ndamover_hub = {0}\ndamover_aliases =\n    new = v2\n\n    # the one before\n    old=v1\n"
FILES = {
    "pytest.toml": '[pytest]\ndamover_hub = "{0}"\ndamover_aliases = ["new = v2", "old=v1"]\n',
    ".pytest.toml": '[pytest]\ndamover_hub = "{0}"\ndamover_aliases = ["new = v2", "old=v1"]\n',
    "pytest.ini": INI,
    ".pytest.ini": INI,
    "pyproject.toml": '[tool.pytest.ini_options]\ndamover_hub = "{0}"\ndamover_aliases = ["new = v2", "old=v1"]\n',
    "tox.ini": INI,
    "setup.cfg": INI.replace("[pytest]", "[tool:pytest]"),
}
SHOWN = """
def pytest_configure(config):
    print("ROOT", config.rootpath)
    print("HUB", config.getini("damover_hub"))
    print("ALIASES", dict(tuple(p.strip() for p in line.split("=")) for line in config.getini("damover_aliases")))
"""


def settings(folder, text):
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def test_a_key_that_is_not_set_has_the_default(tmp_path):
    found = settings(tmp_path, "")
    assert (found.get("hub"), found.get("hub", "local")) == ("modelscope", "local")
    assert {name: found.get(name) for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize("table", ["tool.pytest.ini_options", "tool.pytest"])
def test_the_keys_are_those_that_pytest_reads(tmp_path, table):
    found = settings(tmp_path, f'[{table}]\ndamover_hub = "local"\ndamover_aliases = ["new = v2", "old=v1"]\n')
    assert found.get("hub") == "local"
    assert found.aliases == {"new": "v2", "old": "v1"}


def test_aliases_may_be_lines_of_one_text(tmp_path):
    found = settings(tmp_path, '[tool.pytest.ini_options]\ndamover_aliases = """\nnew = v2\n\nold = v1\n"""\n')
    assert found.aliases == {"new": "v2", "old": "v1"}


@pytest.mark.parametrize(
    ("text", "said"), [("true", True), ('"On"', True), ('"1"', True), ("false", False), ('"no"', False)]
)
def test_a_flag_is_read_as_pytest_reads_it(tmp_path, text, said):
    assert settings(tmp_path, f"[tool.pytest.ini_options]\ndamover_offline = {text}\n").flag("offline") is said


def test_a_flag_is_off_by_default_and_never_anything_else(tmp_path):
    assert settings(tmp_path, "").flag("offline") is False
    with pytest.raises(DamoverError, match="damover_offline: 'perhaps'"):
        settings(tmp_path, '[tool.pytest.ini_options]\ndamover_offline = "perhaps"\n').flag("offline")


@pytest.mark.parametrize("name", FILES)
def test_each_file_that_pytest_reads_is_read(tmp_path, name):
    (tmp_path / name).write_text(FILES[name].format("local:100%"))
    found = read_settings(tmp_path)
    assert (found.project, found.get("hub"), found.aliases) == (
        tmp_path,
        "local:100%",
        {"new": "v2", "old": "v1"},
    )


def test_the_project_is_found_from_any_folder_in_it(tmp_path):
    settings(tmp_path, '[tool.pytest.ini_options]\ndamover_hub = "local"\n')
    (tmp_path / "suites/phone").mkdir(parents=True)
    found = read_settings(tmp_path / "suites/phone")
    assert (found.project, found.get("hub")) == (tmp_path, "local")


def pytest_says(folder, *arguments):
    """Root folder, hub and aliases as pytest itself finds them."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "shown", "-p", "no:cacheprovider", "--collect-only", "-q", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder), "PATH": ""},
    )
    assert "ROOT" in done.stdout, done.stdout + done.stderr
    return tuple(re.search(rf"^{word} (.*)$", done.stdout, re.M)[1] for word in ("ROOT", "HUB", "ALIASES"))


EMPTY_PYPROJECT = {"pyproject.toml": '[project]\nname = "x"\n'}
LAYOUTS = {
    "nothing at all": {},
    "setup.py above": {"../setup.py": ""},
    "pyproject.toml above, and it sets nothing": {"../pyproject.toml": "", "../../setup.py": ""},
    "an ini-file above a pyproject.toml that sets nothing": {**EMPTY_PYPROJECT, "../tox.ini": FILES["tox.ini"]},
    "a pytest.ini that sets nothing wins": {"pytest.ini": "", "pyproject.toml": FILES["pyproject.toml"]},
    "a pytest.ini above": {"../pytest.ini": FILES["pytest.ini"]},
    "pyproject.toml before tox.ini": {
        "pyproject.toml": FILES["pyproject.toml"].replace("{0}", "local:a"),
        "tox.ini": FILES["tox.ini"],
    },
    "tox.ini before setup.cfg": {
        "tox.ini": FILES["tox.ini"].replace("{0}", "local:a"),
        "setup.cfg": FILES["setup.cfg"],
    },
    "pytest.ini before pyproject.toml": {
        "pytest.ini": FILES["pytest.ini"].replace("{0}", "local:a"),
        "pyproject.toml": FILES["pyproject.toml"],
    },
    "a tox.ini of other things": {"tox.ini": "[tox]\nenvlist = py\n", "setup.cfg": FILES["setup.cfg"]},
    "colons, comments and capitals": {
        "pytest.ini": "[pytest]\n; one\n# two\nDAMOVER_HUB = local:no\ndamover_hub: local:yes ; no comment\n"
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pytest_and_the_command_agree(tmp_path, layout):
    folder = tmp_path / "above/here"
    folder.mkdir(parents=True)
    (folder / "shown.py").write_text(SHOWN)
    for name, text in LAYOUTS[layout].items():
        (folder / name).write_text(text.replace("{0}", "local:b"))
    found = read_settings(folder)
    assert (str(found.project), found.get("hub"), str(found.aliases)) == pytest_says(folder)


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\npytest = 2", "[tool.pytest]\nini_options = 3"])
def test_tables_of_another_form_set_nothing(tmp_path, text):
    assert settings(tmp_path, text).get("hub", "modelscope") == "modelscope"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", b"[tool"),
        ("pyproject.toml", b"a = " + b"9" * 5000),
        ("pytest.ini", b"[pytest]\nno value\n"),
        ("tox.ini", b"damover_hub = local\n"),
        ("setup.cfg", b"[tool:pytest]\na = \xff\n"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_by_name(tmp_path, name, text):
    (tmp_path / name).write_bytes(text)
    with pytest.raises(DamoverError, match=re.escape(name)) as refusal:
        read_settings(tmp_path)
    assert refusal.value.faults[0].code is Code.DOCUMENT


def test_a_date_elsewhere_in_the_file_is_none_of_our_business(tmp_path):
    text = '[tool.other]\nsince = 2026-01-01\nx = nan\n[tool.pytest.ini_options]\ndamover_hub = "local"\n'
    assert settings(tmp_path, text).get("hub", "") == "local"
