"""The `damover` command, on a project that has run once: FAIL, for v2 lost a case."""

import json
import os
import subprocess
import sys

import pytest

from pytest_damover import __version__, cli, documents
from pytest_damover.suites import Suite

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


@pytest.fixture
def damover(capsys):
    """Run a command: its exit code, what it printed, what it complained of."""

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


def test_help_and_version_say_what_there_is(damover):
    code, out, _ = damover("--help")
    assert code == 0
    for command in ("judge", "report", "revisions", "lock", "new-case", "doctor", "schema"):
        assert command in out
    assert damover("--version")[:2] == (0, f"pytest-damover {__version__}\n")


def test_no_command_at_all_is_a_usage_error(damover):
    assert damover()[0] == 2


def test_judge_answers_with_the_verdict_and_writes_the_same_bytes(damover, run_folder):
    before = (run_folder / "verdict.json").read_bytes()
    (run_folder / "verdict.json").unlink()
    code, out, err = damover("judge", "reports/latest")
    assert (code, err) == (1, "")
    assert "FAIL" in out
    assert "report.html" in out
    assert len(out.splitlines()) <= 25
    assert (run_folder / "verdict.json").read_bytes() == before


def test_judge_takes_the_run_id_as_well(damover, run_folder):
    assert damover("judge", run_folder)[0] == damover("judge", f"reports/{run_folder.name}")[0] == 1


def test_judge_by_another_policy_leaves_the_verdict_alone(damover, judged_project, run_folder):
    (judged_project / "lenient.toml").write_text(LENIENT)
    before = (run_folder / "verdict.json").read_bytes()
    assert damover("judge", "reports/latest", "--policy", "lenient.toml")[0] == 0
    assert (run_folder / "verdict.json").read_bytes() == before


def test_judge_by_a_broken_policy_names_every_fault(damover, judged_project):
    (judged_project / "broken.toml").write_text(LENIENT.replace("schema = 1", "schema = 2\nx = 1"))
    code, out, err = damover("judge", "reports/latest", "--policy", "broken.toml")
    assert (code, out) == (4, "")
    assert "broken.toml: $.schema" in err
    assert "'x'" in err


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
    made = [run_folder / "report.html", run_folder / "summary.md"]
    before = [path.read_bytes() for path in made]
    for path in made:
        path.unlink()
    code, out, _ = damover("report", "reports/latest")
    assert code == 0
    assert [path.read_bytes() for path in made] == before
    assert out.splitlines() == [f"{run_folder}/report.html", f"{run_folder}/summary.md"]


def test_report_from_a_folder_below_is_the_same(damover, run_folder, judged_project, monkeypatch):
    before = (run_folder / "report.html").read_bytes()
    monkeypatch.chdir(judged_project / "suites/toy")
    assert damover("report", run_folder)[0] == 0
    assert (run_folder / "report.html").read_bytes() == before


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_gets_no_traceback_and_loses_no_exit_code(unbuffered):
    command = [sys.executable, "-m", "pytest_damover.cli", "judge", "reports/latest"]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_a_terminal_without_chinese_shows_escapes():
    command = [sys.executable, "-m", "pytest_damover.cli", "judge", "reports/latest", "--lang", "zh"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"\\u" in done.stdout


def test_revisions_lists_them_with_their_aliases(damover):
    code, out, _ = damover("revisions")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["acme/phones", "on", "local"],
        ["v1", "tag"],
        ["v2", "tag", "also", "v2-enhanced"],
    ]


def test_revisions_as_json_is_for_programs(damover):
    listed = json.loads(damover("revisions", "--json")[1])
    assert [(info["name"], info["kind"]) for info in listed] == [("v1", "tag"), ("v2", "tag")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("acme/none",), "acme/phones"),
        (("../acme",), "not a model id"),
        (("--hub", "nowhere"), "local, local:PLACE"),
        (("--hub", "modelscope:http://example.org"), "https://HOST"),
    ],
    ids=str,
)
def test_revisions_of_what_is_not_there_say_what_is(damover, arguments, said):
    code, out, err = damover("revisions", *arguments)
    assert (code, out) == (4, "")
    assert said in err


def test_a_project_without_a_model_is_told_what_to_set(damover, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path / "empty")
    assert "set damover_model" in damover("revisions", "--hub", "local")[2]


def test_lock_writes_what_the_names_mean_today(damover, judged_project):
    code, out, _ = damover("lock", "v1", "v2-enhanced", "v1")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[:-1]] == ["v1", "v2-enhanced"]
    data = json.loads((judged_project / "revisions.lock").read_text())
    assert list(data["models"]["acme/phones"]) == ["v1", "v2"]


def test_lock_of_an_unknown_revision_writes_nothing(damover, judged_project):
    code, _, err = damover("lock", "v1", "v9")
    assert code == 4
    assert "v1, v2" in err
    assert not (judged_project / "revisions.lock").exists()


def test_new_case_writes_a_case_that_is_collected(damover, judged_project):
    arguments = ("--name", "新", "--max-objects", 2, "--severity", "minor", "--slice", "night", "--slice", "small")
    code, out, _ = damover("new-case", "suites/toy/images/kept.png", *arguments)
    assert code == 0
    assert "新.json  (64 x 64)" in out
    suite = Suite("toy", judged_project / "suites/toy", judged_project)
    case = next(case for case in suite.all_cases() if case.name == "新")
    assert (case.image_path, case.severity.value, case.slices) == ("images/kept.png", "minor", ("night", "small"))
    assert (case.expected.min_objects, case.expected.max_objects) == (1, 2)
    assert len(case.image_sha256) == 64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("outside.png",), "not in a suite"),
        (("suites/loose.png",), "not in a suite"),
        (("suites/toy/../../outside.png",), "not a plain relative path"),
        (("suites/toy/images/none.png",), "cannot be read"),
        (("suites/toy/gate.toml",), "gate.toml"),
        (("suites/toy/images/kept.png",), "the name 'kept' is taken"),
        (("suites/toy/images/kept.png", "--name", "KEPT"), "the name 'KEPT' is taken"),
        (("suites/toy/images/kept.png", "--name", "a/b"), "$.name"),
        (("suites/toy/images/kept.png", "--name", "../../a"), "$.name"),
        (("suites/toy/images/kept.png", "--name", "\udce9"), "UTF-8"),
        (("suites/toy/images/kept.png", "--name", "夜" * 120), "cannot be written"),
        (("suites/toy/images/kept.png", "--name", "new", "--min-objects", "3", "--max-objects", "2"), "less than"),
        (("suites/toy/images/kept.png", "--name", "new", "--slice", ""), "$.slices[0]"),
    ],
    ids=lambda value: ascii(value)[-40:],
)
def test_new_case_refuses_in_words_and_writes_nothing(damover, judged_project, arguments, said):
    for path in ("outside.png", "suites/loose.png"):
        (judged_project / path).write_bytes((judged_project / "suites/toy/images/kept.png").read_bytes())
    before = sorted(judged_project.rglob("*"))
    code, out, err = damover("new-case", *arguments)
    assert (code, out) == (4, "")
    assert said in err
    assert sorted(judged_project.rglob("*")) == before


def test_new_case_never_overwrites_a_file_of_another_name(damover, judged_project):
    path = judged_project / "suites/toy/cases/new.json"
    path.symlink_to("nowhere.json")
    assert "is there already" in damover("new-case", "suites/toy/images/kept.png", "--name", "new")[2]
    assert path.is_symlink()


@pytest.mark.parametrize("kind", ["case", "policy"])
def test_schema_prints_what_the_readers_go_by(damover, kind):
    code, out, _ = damover("schema", kind)
    assert (code, json.loads(out)) == (0, documents.schema(kind))


def test_schema_of_another_kind_is_a_usage_error(damover):
    assert damover("schema", "plan")[0] == 2


def test_doctor_tells_of_every_check_and_is_strict_when_asked(damover):
    code, out, _ = damover("doctor", "--strict")
    assert code == 0
    for name in ("python", "pytest", "pillow", "hub"):
        assert f"ok  {name}" in out


def test_doctor_is_strict_only_when_asked(damover, judged_project):
    (judged_project / "pyproject.toml").write_text("")
    assert damover("doctor")[0] == 0
    code, out, _ = damover("doctor", "--strict")
    assert code == 1
    assert "!!  model" in out
    assert "set damover_model" in out
