"""`damover judge --policies`: would this rule have stopped that revision?"""

import json
import shutil
import subprocess
import sys

import pytest

STRICT = """\
schema = 1
[evidence]
min_cases = 2
min_images = 1
min_objects = 0
min_slice_images = 1
"""
LENIENT = STRICT + "[regressions]\nmajor = 1\n"
DEMANDING = LENIENT.replace("min_cases = 2", "min_cases = 200")


@pytest.fixture
def policies(judged_project):
    for name, text in (("strict", STRICT), ("lenient", LENIENT), ("demanding", DEMANDING)):
        (judged_project / f"{name}.toml").write_text(text)
    return "strict.toml,lenient.toml,demanding.toml"


def test_a_row_for_each_run_and_a_column_for_each_policy(damover, policies, run_folder):
    shutil.copytree(run_folder, run_folder.parent / "other")
    code, out, err = damover("judge", "--policies", policies, "reports/latest", "reports/other")
    assert (code, err) == (0, "")
    head, latest, other = out.splitlines()
    assert head.split() == ["run", "candidate", "strict.toml", "lenient.toml", "demanding.toml"]
    assert "  ".join(latest.split()) == (
        "reports/latest  v2  FAIL  regressions.major  over-limit  PASS  INCONCLUSIVE  evidence.cases  too-little"
    )
    assert latest.split()[1:] == other.split()[1:]


def test_the_runs_own_files_stay_as_they_are(damover, policies, run_folder):
    before = {path.name: path.read_bytes() for path in run_folder.iterdir()}
    damover("judge", "--policies", policies, "reports/latest")
    assert {path.name: path.read_bytes() for path in run_folder.iterdir()} == before


def test_json_says_what_stopped_it(damover, policies):
    code, out, _ = damover("judge", "--policies", policies, "reports/latest", "--json")
    (row,) = json.loads(out)
    assert (code, row["baseline"], row["candidate"], row["error"]) == (0, "v1", "v2", None)
    strict, lenient, demanding = row["answers"]
    assert (strict["verdict"], strict["stopped_by"]["rule"]) == ("FAIL", "regressions.major")
    assert (lenient["verdict"], lenient["stopped_by"]) == ("PASS", None)
    assert (demanding["policy"], demanding["stopped_by"]["limit"]) == ("demanding.toml", 200)


@pytest.mark.usefixtures("policies")
def test_each_candidate_is_a_row(damover, run_folder):
    plan = json.loads((run_folder / "plan.json").read_text())
    plan["candidates"].append({**plan["candidates"][0], "name": "v3"})
    (run_folder / "plan.json").write_text(json.dumps(plan))
    _, out, _ = damover("judge", "--policies", "lenient.toml", "reports/latest")
    assert [line.split()[1:4] for line in out.splitlines()[1:]] == [["v2", "ERROR", "plan"], ["v3", "ERROR", "plan"]]


def test_a_run_that_cannot_be_read_is_a_row_and_exit_code_4(damover, policies):
    code, out, err = damover("judge", "--policies", policies, "reports/none", "reports/latest")
    assert code == 4
    assert [line.split()[:3] for line in out.splitlines()[1:]] == [
        ["reports/none", "-", "refused"],
        ["reports/latest", "v2", "FAIL"],
    ]
    assert "reports/none/plan.json: cannot be read" in err
    (refused, _) = json.loads(damover("judge", "--policies", policies, "reports/none", "reports/latest", "--json")[1])
    assert "reports/none/plan.json" in refused["error"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--policies", "broken.toml,none.toml", "reports/latest"], "broken.toml: $.schema"),
        (["--policies", "broken.toml,none.toml", "reports/latest"], "none.toml: cannot be read"),
        (["--policies", ",", "reports/latest"], "policy files, comma-separated  [option]"),
        (["reports/latest", "reports/latest"], "2 runs without --policies"),
        (["--json", "reports/latest"], "one run, or a table of several  [option]"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(damover, judged_project, arguments, told):
    (judged_project / "broken.toml").write_text(STRICT.replace("schema = 1", "schema = 7"))
    code, out, err = damover("judge", *arguments)
    assert (code, out) == (4, "")
    assert told in err


def test_one_policy_and_several_exclude_each_other(damover, policies):
    assert damover("judge", "--policy", "strict.toml", "--policies", policies, "reports/latest")[0] == 2


@pytest.mark.parametrize("options", [[], ["--policy", "lenient.toml"], ["--policies", "strict.toml,lenient.toml"]])
@pytest.mark.usefixtures("policies")
def test_g3_judging_needs_neither_pytest_nor_torch(judged_project, options):
    code = f"""
import sys
from pytest_damover.cli import main
main(["judge", "reports/latest", *{options!r}])
loaded = {{name.partition(".")[0] for name in sys.modules}}
print(sorted(loaded & {{"pytest", "_pytest", "torch", "modelscope", "PIL"}}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=judged_project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
