"""`damover judge` and `report`, on a project that has run once: FAIL, for v2 lost a case."""

import os
import subprocess
import sys

import pytest

LENIENT = """\
schema = 1
[evidence]
min_cases = 2
min_images = 1
min_objects = 0
min_slice_images = 1
[regressions]
major = 1
"""

pytestmark = pytest.mark.usefixtures("judged_project")


def test_judge_answers_with_the_verdict_and_writes_the_same_bytes(damover, run_folder):
    before = (run_folder / "verdict.json").read_bytes()
    (run_folder / "verdict.json").unlink()
    code, out, err = damover("judge", "reports/latest")
    assert (code, err) == (1, "")
    assert "FAIL" in out
    assert "report.html" in out
    assert len(out.splitlines()) <= 25
    assert (run_folder / "verdict.json").read_bytes() == before


@pytest.mark.parametrize(("seed", "locale", "zone"), [("0", "C", "UTC"), ("1", "C.UTF-8", "Asia/Shanghai")])
def test_g3_the_same_bytes_come_out_of_another_process_in_another_place(run_folder, tmp_path, seed, locale, zone):
    before = (run_folder / "verdict.json").read_bytes()
    (run_folder / "verdict.json").unlink()
    surroundings = {"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone, "HOME": str(tmp_path), "PYTHONUTF8": seed}
    command = [sys.executable, "-m", "pytest_damover.cli", "judge", str(run_folder)]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, **surroundings}, capture_output=True)
    assert done.returncode == 1, done.stderr
    assert (run_folder / "verdict.json").read_bytes() == before


def test_judge_takes_the_run_id_as_well(damover, run_folder):
    assert damover("judge", run_folder)[0] == damover("judge", f"reports/{run_folder.name}")[0] == 1


def test_judge_by_another_policy_leaves_the_verdict_alone(damover, judged_project, run_folder):
    (judged_project / "lenient.toml").write_text(LENIENT)
    before = (run_folder / "verdict.json").read_bytes()
    assert damover("judge", "reports/latest", "--policy", "lenient.toml")[0] == 0
    assert (run_folder / "verdict.json").read_bytes() == before


def test_a_refusal_is_told_in_the_language_of_the_option_or_of_the_ini_file(damover, judged_project):
    (judged_project / "broken.toml").write_text(LENIENT.replace("schema = 1", "shema = 1"))
    command = ("judge", "reports/latest", "--policy", "broken.toml")
    for english in (damover(*command), damover(*command, "--lang", "en"), damover(*command, "--lang", "fr")):
        assert 'unknown key "shema" (perhaps "schema")' in english[2]
    _, _, chinese = damover(*command, "--lang", "zh")
    assert '未知的键 "shema"（是否为 "schema"？）' in chinese
    with (judged_project / "pyproject.toml").open("a") as file:
        file.write('\ndamover_lang = "zh"\n')
    assert damover(*command)[2] == chinese


def test_judge_by_a_broken_policy_names_every_fault(damover, judged_project):
    (judged_project / "broken.toml").write_text(LENIENT.replace("schema = 1", "schema = 2\nx = 1"))
    code, out, err = damover("judge", "reports/latest", "--policy", "broken.toml")
    assert (code, out) == (4, "")
    assert "broken.toml: $.schema" in err
    assert 'unknown key "x"' in err


@pytest.mark.parametrize("path", ["reports", "nowhere", "suites/toy", "pyproject.toml", "reports/latest/plan.json"])
@pytest.mark.parametrize("command", ["judge", "report"])
def test_what_is_no_run_folder_is_refused_in_words(damover, command, path):
    code, out, err = damover(command, path)
    assert (code, out) == (4, "")
    assert "plan.json" in err
    assert "name one: reports/latest" in err


def test_judge_and_report_speak_chinese(damover, run_folder):
    assert damover("judge", "reports/latest", "--lang", "zh")[1] != damover("judge", "reports/latest")[1]
    damover("report", "reports/latest", "--lang", "zh")
    assert 'lang="zh' in (run_folder / "report.html").read_text(encoding="utf-8")
    assert damover("judge", "reports/latest", "--lang", "fr")[0] == 4


def test_report_makes_the_same_bytes_again(damover, run_folder):
    made = [run_folder / name for name in ("report.html", "summary.md", "junit.xml", "ctrf.json")]
    before = [path.read_bytes() for path in made]
    for path in made:
        path.unlink()
    code, out, _ = damover("report", "reports/latest")
    assert code == 0
    assert [path.read_bytes() for path in made] == before
    assert out.splitlines() == list(map(str, made))


def test_report_from_a_folder_below_is_the_same(damover, run_folder, judged_project, monkeypatch):
    before = (run_folder / "report.html").read_bytes()
    monkeypatch.chdir(judged_project / "suites/toy")
    assert damover("report", run_folder)[0] == 0
    assert (run_folder / "report.html").read_bytes() == before
