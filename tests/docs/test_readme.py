"""What README and pages say is what the package does, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pytest_damover import cli, documents, suites
from pytest_damover.domain.errors import Code
from pytest_damover.domain.verdict import Answer
from pytest_damover.plugin import options

from .conftest import ENGLISH_PAGES, ROOT, Document

INSTALL_AND_JUDGE = "pip install -e '.[modelscope]' && pytest --revisions v1.0.0,v2.1.0\n"
INSTALL_AND_TEST = "pip install -e '.[modelscope,test]' && pytest -n auto -m 'not slow'\n"
COMMAND = re.compile(r"\bdamover ([a-z][a-z-]+)\b")
OPTION = re.compile(r"--(?:damover-[a-z-]*[a-z]|revisions|baseline)\b")
INI_KEY = re.compile(r"\bdamover_[a-z_]*[a-z]\b")
LINK = re.compile(r"\]\(([^)#:]+)\)")


class Declared:
    """Stands in for pytest's parser and remembers the names."""

    def __init__(self) -> None:
        self.options: set[str] = set()
        self.ini: dict[str, Any] = {}
        options.add_options(self)  # type: ignore[arg-type]

    def getgroup(self, *_: str) -> Declared:
        return self

    def addoption(self, name: str, **_: Any) -> None:
        self.options.add(name)

    def addini(self, name: str, *_: Any, default: Any = None, **__: Any) -> None:
        self.ini[name] = default


def test_the_first_two_sh_blocks_are_all_the_set_up_there_is(readme):
    assert readme.blocks_in("sh") == [INSTALL_AND_JUDGE, INSTALL_AND_TEST]
    assert [block.language for block in readme.blocks][:2] == ["sh", "sh"]


def test_every_block_says_its_language(manual):
    known = {"sh", "console", "text", "json", "jsonl", "toml", "python", "yaml"}
    assert {block.language for block in manual.blocks} <= known


def test_both_languages_have_the_same_sections_and_examples(pair_of_pages):
    english, chinese = pair_of_pages
    assert english.headings == chinese.headings
    assert english.blocks == chinese.blocks
    same_file = [link.replace(".zh-CN.", ".") for link in LINK.findall(chinese.prose)]
    assert sorted(LINK.findall(english.prose)[1:]) == sorted(same_file[1:])
    assert english.prose.count("\n|") == chinese.prose.count("\n|")


def test_each_language_links_to_the_other(pair_of_pages):
    english, chinese = pair_of_pages
    assert f"]({Path(chinese.name).name})" in english.text
    assert f"]({Path(english.name).name})" in chinese.text


def test_the_readme_leads_to_every_page(readme):
    suffix = readme.name.removeprefix("README")
    wanted = {page.removesuffix(".md") + suffix for page in ENGLISH_PAGES}
    assert {link for link in LINK.findall(readme.prose) if link.startswith("docs/") and link.endswith(".md")} == wanted


def test_every_option_is_documented_and_every_documented_one_exists(manual):
    declared = Declared()
    assert set(OPTION.findall(manual.text)) == declared.options
    assert set(INI_KEY.findall(manual.text)) == set(declared.ini)


def test_the_options_table_states_the_defaults(manual):
    rows = {row[1].strip("`"): row[2].strip("`") for row in manual.table_rows("`--damover-") if row[1] != "–"}
    stated = {name: default for name, default in Declared().ini.items() if isinstance(default, str) and default}
    assert {name: rows[name] for name in stated} == stated


def test_every_command_is_documented_and_every_documented_one_exists(manual, capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    exist = set(re.findall(r"^ {4}([a-z-]+)(?: {2,}|$)", capsys.readouterr().out, re.MULTILINE))
    assert {row[0].split()[1].strip("`") for row in manual.table_rows("`damover ")} == exist
    shown = {name for text in manual.blocks_in("console") for name in COMMAND.findall(text)}
    assert shown <= exist


def test_the_exit_codes_are_those_of_the_answers(readme):
    rows = [row for number in range(22) for row in readme.table_rows(f"{number} |")]
    assert {row[1]: int(row[0]) for row in rows} == {**{answer.value: answer.exit_code for answer in Answer}, "–": 4}


def test_every_json_example_is_a_valid_case(manual):
    texts = [*manual.blocks_in("json"), *(line for text in manual.blocks_in("jsonl") for line in text.splitlines())]
    assert len(texts) >= 3
    for text in texts:
        data = documents.parse_json(text.encode(), manual.name, Code.CASE_FILE)
        assert documents.schema_faults(data, "case", manual.name, Code.CASE_FILE) == ()


def test_the_case_examples_show_every_key(manual):
    schema = documents.schema("case")["properties"]
    shown = "".join(manual.blocks_in("json"))
    missing = [key for key in (*schema, *schema["expected"]["properties"]) if f'"{key}"' not in shown]
    assert missing == ["$schema"]


def test_every_toml_example_is_valid_and_the_policy_page_shows_every_key(manual):
    policies, waivers = [], 0
    for text in manual.blocks_in("toml"):
        data = documents.parse_toml(text.encode(), manual.name, Code.POLICY)
        if "tool" in data:
            assert data["tool"]["pytest"]["ini_options"].keys() <= Declared().ini.keys()
        elif "waiver" in data:
            waivers += 1
            assert suites.waiver_faults(data, manual.name, Code.WAIVERS) == ()
        else:
            policies.append(data.keys())
            assert documents.schema_faults(data, "policy", manual.name, Code.POLICY) == ()
    assert documents.schema("policy")["properties"].keys() in policies
    assert (len(policies), waivers) == (2, 1)


def test_the_readme_has_a_row_for_every_section_of_a_policy(readme):
    listed = {name for row in readme.table_rows("`[") for name in re.findall(r"\[(\w+)\]", row[0])}
    assert listed == documents.schema("policy")["properties"].keys() - {"schema", "$schema"}


def test_the_python_example_of_the_readme_is_part_of_the_one_that_is_run(readme):
    suffix = readme.name.removeprefix("README")
    (shown,) = readme.blocks_in("python")
    assert shown in Document(f"docs/python-tests{suffix}").blocks_in("python")[0]


def test_every_fixture_is_documented(manual):
    fixtures = Path(options.__file__).with_name("fixtures.py").read_text(encoding="utf-8")
    declared = set(re.findall(r"@pytest\.fixture\n\s*def (\w+)", fixtures))
    names = ("revision", "detector", "model", "pair", "device", "cases", "golden", "latency", "benchmark")
    assert declared == set(names)
    for name in names:
        assert manual.table_rows(f"`{name}` |"), name


def test_what_is_linked_is_there(pair_of_pages):
    for page in pair_of_pages:
        folder = (ROOT / page.name).parent
        assert [link for link in LINK.findall(page.prose) if not (folder / link).exists()] == []
