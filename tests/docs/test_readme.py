"""What the README says is what the package does, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pytest_damover import cli, documents, suites
from pytest_damover.domain.errors import Code
from pytest_damover.domain.verdict import Answer
from pytest_damover.plugin import options

INSTALL_AND_JUDGE = "pip install -e '.[modelscope]' && pytest --revisions v1.0.0,v2.1.0\n"
INSTALL_AND_TEST = "pip install -e '.[modelscope,test]' && pytest\n"
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


def test_every_block_says_its_language(readme):
    known = {"sh", "console", "text", "json", "jsonl", "toml", "python", "yaml"}
    assert {block.language for block in readme.blocks} <= known


def test_both_languages_have_the_same_sections_and_examples(english, chinese):
    assert english.headings == chinese.headings
    assert english.blocks == chinese.blocks
    same_file = [link.replace(".zh-CN.", ".") for link in LINK.findall(chinese.prose)]
    assert LINK.findall(english.prose)[1:] == same_file[1:]
    assert english.prose.count("\n|") == chinese.prose.count("\n|")


def test_each_language_links_to_the_other(english, chinese):
    assert f"]({chinese.name})" in english.text
    assert f"]({english.name})" in chinese.text


def test_every_option_is_documented_and_every_documented_one_exists(readme):
    declared = Declared()
    assert set(OPTION.findall(readme.text)) == declared.options
    assert set(INI_KEY.findall(readme.text)) == set(declared.ini)


def test_the_options_table_states_the_defaults(readme):
    rows = {row[1].strip("`"): row[2].strip("`") for row in readme.table_rows("`--damover-") if row[1] != "–"}
    stated = {name: default for name, default in Declared().ini.items() if isinstance(default, str) and default}
    assert {name: rows[name] for name in stated} == stated


def test_every_command_is_documented_and_every_documented_one_exists(readme, capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    exist = set(re.findall(r"^ {4}([a-z-]+)(?: {2,}|$)", capsys.readouterr().out, re.MULTILINE))
    assert {row[0].split()[1].strip("`") for row in readme.table_rows("`damover ")} == exist
    shown = {name for text in readme.blocks_in("console") for name in COMMAND.findall(text)}
    assert shown <= exist


def test_the_exit_codes_are_those_of_the_answers(readme):
    rows = [row for number in range(22) for row in readme.table_rows(f"{number} |")]
    assert {row[1]: int(row[0]) for row in rows} == {**{answer.value: answer.exit_code for answer in Answer}, "–": 4}


def test_every_json_example_is_a_valid_case(readme):
    texts = [*readme.blocks_in("json"), *(line for text in readme.blocks_in("jsonl") for line in text.splitlines())]
    assert len(texts) >= 3
    for text in texts:
        data = documents.parse_json(text.encode(), readme.name, Code.CASE_FILE)
        assert documents.schema_faults(data, "case", readme.name, Code.CASE_FILE) == ()


def test_the_case_examples_show_every_key(readme):
    schema = documents.schema("case")["properties"]
    shown = "".join(readme.blocks_in("json"))
    missing = [key for key in (*schema, *schema["expected"]["properties"]) if f'"{key}"' not in shown]
    assert missing == ["$schema"]


def test_every_toml_example_is_a_valid_policy_or_sets_known_keys(readme):
    policies = waivers = 0
    for text in readme.blocks_in("toml"):
        data = documents.parse_toml(text.encode(), readme.name, Code.POLICY)
        if "tool" in data:
            assert data["tool"]["pytest"]["ini_options"].keys() <= Declared().ini.keys()
        elif "waiver" in data:
            waivers += 1
            assert suites.waiver_faults(data, readme.name, Code.WAIVERS) == ()
        else:
            policies += 1
            assert documents.schema_faults(data, "policy", readme.name, Code.POLICY) == ()
            assert data.keys() == documents.schema("policy")["properties"].keys()
    assert (policies, waivers) == (1, 1)


def test_every_fixture_is_documented(readme):
    fixtures = Path(options.__file__).with_name("fixtures.py").read_text(encoding="utf-8")
    declared = set(re.findall(r"@pytest\.fixture\n\s*def (\w+)", fixtures))
    names = ("revision", "detector", "model", "pair", "device", "cases", "golden", "latency", "benchmark")
    assert declared == set(names)
    for name in names:
        assert readme.table_rows(f"`{name}` |"), name


def test_what_is_linked_is_there(readme):
    root = Path(__file__).resolve().parents[2]
    assert [link for link in LINK.findall(readme.prose) if not (root / link).exists()] == []
