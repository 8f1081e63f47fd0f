"""The commands on revisions speak the project's language."""

from __future__ import annotations

import re

import pytest

from pytest_damover.cli.revision_words import PHRASES

CHINESE = re.compile("[\u4e00-\u9fff]")


def test_both_languages_say_the_same_of_the_same():
    fields = {
        lang: {key: sorted(re.findall(r"{(\w+)[:,}]", text.partition("|")[0])) for key, text in phrases.items()}
        for lang, phrases in PHRASES.items()
    }
    assert fields["en"] == fields["zh"]


@pytest.fixture
def in_chinese(project):
    with (project / "pyproject.toml").open("a") as file:
        file.write('damover_lang = "zh"\n')
    return project


@pytest.mark.usefixtures("in_chinese")
def test_the_list_of_revisions_is_in_chinese_and_its_data_are_not(damover):
    title, heads, *rows = damover("revisions")[1].splitlines()
    assert title == "local 上的 acme/phones"
    assert heads.split()[:2] == ["名称", "类型"]
    assert [row.split()[:2] for row in rows] == [["v1", "标签"], ["v2", "标签"], ["v10", "标签"]]
    assert '"kind": "tag"' in damover("revisions", "--json")[1]


@pytest.mark.usefixtures("in_chinese")
def test_who_locks_and_consents_reads_chinese(damover):
    code, out, err = damover("lock", "--consent", "v1", "--by", "李雷")
    assert (code, err) == (0, "")
    told = out.splitlines()
    assert told[0].startswith("v1  新增  2 个文件，")
    assert told[1:3] == ["    加载时可能执行：", "      damoyolo.py：Python 文件"]
    assert told[3] == "      damoyolo.py：执行第 1 行：print('v1')"
    assert "李雷" in told[4]
    assert all(CHINESE.search(line) for line in told[:-1])
    assert "此前已由 李雷" in damover("lock", "--consent", "v1", "--by", "Ann")[1]
    assert "已撤回 李雷" in damover("lock", "--revoke", "v1")[1]
    assert "没有同意记录" in damover("lock", "--revoke", "v1")[1]
    assert "已移除" in damover("lock", "--remove", "v1")[1]


@pytest.mark.usefixtures("in_chinese")
def test_the_option_wins_over_the_ini_file(damover):
    assert damover("lock", "v2", "--lang", "en")[1].startswith("v2  new  1 file, ")
