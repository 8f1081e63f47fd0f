import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.settings import read_settings


def settings(folder, text):
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def test_a_key_that_is_not_set_has_the_default(tmp_path):
    assert settings(tmp_path, "").get("hub", "modelscope") == "modelscope"


@pytest.mark.parametrize("table", ["tool.pytest.ini_options", "tool.pytest"])
def test_the_keys_are_those_that_pytest_reads(tmp_path, table):
    found = settings(tmp_path, f'[{table}]\ndamover_hub = "local"\ndamover_aliases = ["new = v2", "old=v1"]\n')
    assert found.get("hub", "modelscope") == "local"
    assert found.aliases == {"new": "v2", "old": "v1"}


def test_aliases_may_be_lines_of_one_text(tmp_path):
    found = settings(tmp_path, '[tool.pytest.ini_options]\ndamover_aliases = """\nnew = v2\n\nold = v1\n"""\n')
    assert found.aliases == {"new": "v2", "old": "v1"}


def test_the_project_is_found_from_any_folder_in_it(tmp_path):
    settings(tmp_path, '[tool.pytest.ini_options]\ndamover_hub = "local"\n')
    (tmp_path / "suites/phone").mkdir(parents=True)
    found = read_settings(tmp_path / "suites/phone")
    assert (found.project, found.get("hub", "")) == (tmp_path, "local")


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\npytest = 2", "[tool.pytest]\nini_options = 3"])
def test_tables_of_another_form_set_nothing(tmp_path, text):
    assert settings(tmp_path, text).get("hub", "modelscope") == "modelscope"


@pytest.mark.parametrize("text", ["[tool", "a = " + "9" * 5000])
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path, text):
    with pytest.raises(DamoverError, match=r"pyproject\.toml") as refusal:
        settings(tmp_path, text)
    assert refusal.value.faults[0].code is Code.DOCUMENT


def test_a_date_elsewhere_in_the_file_is_none_of_our_business(tmp_path):
    text = '[tool.other]\nsince = 2026-01-01\nx = nan\n[tool.pytest.ini_options]\ndamover_hub = "local"\n'
    assert settings(tmp_path, text).get("hub", "") == "local"
