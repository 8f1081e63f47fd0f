from __future__ import annotations

import pytest


def test_the_report_is_in_the_language_of_the_command_line_then_of_the_ini_file(toy):
    toy.compare("-o", "damover_lang=zh", "-k", "one")
    chinese = (toy.root / "reports/latest/report.html").read_text(encoding="utf-8")
    toy.compare("-o", "damover_lang=zh", "--damover-lang", "en", "-k", "one")
    english = (toy.root / "reports/latest/report.html").read_text(encoding="utf-8")
    assert 'lang="zh' in chinese
    assert 'lang="en' in english


@pytest.mark.parametrize("lang", ["", "fr", "EN"])
def test_another_language_is_a_usage_error(toy, lang):
    result = toy.compare(f"--damover-lang={lang}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "allowed: en, zh" in result.stderr.str()


def test_a_refusal_is_told_in_that_language(toy):
    result = toy.run("--revisions", "v1,v9", "-o", "damover_lang=zh")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*没有*的版本 'v9'*", "*允许：v1, v2*"])


def test_what_a_case_missed_is_told_in_that_language_and_the_journal_keeps_its_own(project):
    project.case("kept")
    project.case("lost")
    project.revision("v1")
    project.revision("v2", lost={"boxes": [], "scores": [], "labels": []})
    result = project.compare("-o", "damover_lang=zh")
    result.stdout.fnmatch_lines(["*1 个期望框中找到 0 个*", "*基线通过此用例*"])
    (lost,) = [record for record in project.journal if record.get("reason", "").startswith("found 0 of 1")]
    assert lost["item"].endswith("lost:detect@v2")
