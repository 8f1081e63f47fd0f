"""The action's steps, one after another as a runner would, in a project whose candidate fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML reads the action")
pytestmark = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("flock")), reason="needs bash and flock")

ROOT = Path(__file__).resolve().parents[2]
EXPRESSION = re.compile(r"\$\{\{ ([\w.-]+) \}\}")


class Job:
    """A job with one step that uses the action; `uses:` within it is left out."""

    def __init__(self, temporary: Path, project: Path, **inputs: str) -> None:
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        self.steps = [step for step in action["runs"]["steps"] if "run" in step]
        defaults = {name: one.get("default", "") for name, one in action["inputs"].items()}
        self.known = {f"inputs.{name}": value for name, value in (defaults | inputs).items()}
        self.temporary, self.project = temporary, project
        self.summary = temporary / "summary"
        self.codes: dict[str, int] = {}
        self.said: dict[str, str] = {}

    def run(self) -> None:
        """Every step, whatever became of those before it."""
        for step in self.steps:
            output = self.temporary / f"output of {step['name']}"
            given = {name: EXPRESSION.sub(self._value, str(value)) for name, value in step["env"].items()}
            given |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.summary), "CI": "true"}
            given |= {"RUNNER_TEMP": str(self.temporary), "PYTHONPATH": str(ROOT), "RUNNER_TRACKING_ID": "github_test"}
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            environment = {**os.environ, **given}
            done = subprocess.run(command, cwd=self.project, env=environment, capture_output=True, text=True)
            self.codes[step["name"]], self.said[step["name"]] = done.returncode, done.stdout + done.stderr
            lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
            outputs = dict(line.split("=", 1) for line in lines)
            self.known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}

    def _value(self, expression: re.Match[str]) -> str:
        return self.known.get(expression[1], "")


@pytest.fixture
def job(tmp_path: Path, judged_project: Path) -> Any:
    shutil.rmtree(judged_project / "reports")
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def begin(**inputs: str) -> Job:
        given = {"revisions": "v1,v2", "device": "cpu", "python": sys.executable, "lock-folder": str(temporary)}
        job = Job(temporary, judged_project, **{**given, **inputs})
        job.run()
        return job

    return begin


def test_the_steps_run_judge_and_publish(job: Any) -> None:
    done = job(arguments="-p no:cacheprovider", suite="suites/toy")
    assert done.codes == {"Compare the revisions": 1, "Publish": 0, "Look for leftovers": 0}, done.said
    assert done.known["steps.publish.outputs.verdict"] == "FAIL"
    assert Path(done.known["steps.publish.outputs.report-path"]).is_file()
    assert "(FAIL)" in done.summary.read_text(encoding="utf-8")
    assert done.said["Publish"].startswith("::error title=FAIL::")


def test_a_run_that_never_began_is_inconclusive(job: Any) -> None:
    done = job(revisions="v1,v9")
    assert (done.codes["Compare the revisions"], done.codes["Publish"]) == (4, 20)
    assert done.known["steps.publish.outputs.verdict"] == "INCONCLUSIVE"
    assert not done.summary.exists()
