import json
import subprocess
import sys
from datetime import datetime

import pytest

from pytest_damover.cli import consent


@pytest.fixture
def answers(monkeypatch):
    """Somebody sits at the terminal and answers so."""
    asked = []

    def at_the_terminal(answer):
        def ask(question):
            asked.append(question)
            if answer is None:
                raise EOFError
            return answer

        monkeypatch.setattr(consent, "is_terminal", lambda: True)
        monkeypatch.setattr("builtins.input", ask)
        return asked

    return at_the_terminal


def tags(data):
    return list(data["models"]["acme/phones"])


def move(project, tag="v1"):
    """Let the tag mean other bytes: one file changed, one new."""
    folder = project / "hub/acme/phones" / tag
    (folder / "detections.json").write_text('{"moved": true}')
    (folder / "evil.py").write_text("")


def test_lock_adds_and_keeps_what_is_there(damover, lock_data):
    code, out, _ = damover("lock", "v1")
    assert code == 0
    assert out.splitlines()[0].startswith("v1  new  2 files, 13 B, digest ")
    assert out.splitlines()[-1].endswith("/revisions.lock")
    out = damover("lock", "v2", "v1")[1].splitlines()
    assert [line.split()[:2] for line in out[:-1]] == [["v2", "new"], ["v1", "unchanged"]]
    assert tags(lock_data()) == ["v1", "v2"]


def test_names_may_be_aliases_and_selectors_and_count_once(damover, lock_data):
    out = damover("lock", "latest", "fast", ">=2,<3", "v10")[1].splitlines()
    assert [line.split("  ")[0] for line in out[:-1]] == ["latest = v10", "fast = v2"]
    assert tags(lock_data()) == ["v10", "v2"]


def test_t7_a_moved_tag_is_loud_and_names_each_file(damover, project, lock_data):
    damover("lock", "v1", "v2")
    before = lock_data()["models"]["acme/phones"]["v1"]["digest"]
    move(project)
    code, out, _ = damover("lock", "v1")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("v1  CHANGED  3 files")
    assert f"acme/phones v1 HAS MOVED: it was digest {before}" in lines[1]
    assert "detections.json was 2 bytes" in lines[2]
    assert "evil.py is new" in lines[3]
    assert lock_data()["models"]["acme/phones"]["v1"]["digest"] != before
    assert damover("lock", "v1")[1].startswith("v1  unchanged")


def test_another_hub_is_told(damover, project):
    damover("lock", "v1")
    (project / "hub").rename(project / "models")
    assert "it came from local, and now comes from local:models" in damover("lock", "v1", "--hub", "local:models")[1]


def test_lock_of_an_unknown_revision_writes_nothing_and_names_every_one(damover, project):
    code, _, err = damover("lock", "v1", "v8", "v9", "../x")
    assert code == 4
    for said in ("'v8'", "'v9'", "'../x' is not a revision name", "v1, v2, v10"):
        assert said in err
    assert not (project / "revisions.lock").exists()


@pytest.mark.usefixtures("project")
def test_a_model_that_is_not_there_is_told_once(damover):
    code, _, err = damover("lock", "v1", "v2", "--model", "acme/tablets")
    assert code == 4
    assert err.count("acme/phones") == 1


def test_remove_takes_it_out_without_asking_the_hub(damover, project, lock_data):
    damover("lock", "v1", "v2", "--consent")
    (project / "hub").rename(project / "gone")
    code, out, _ = damover("lock", "--remove", "current")
    assert (code, out.splitlines()[0]) == (0, "v1  removed")
    assert "goes with the bytes it was given to" in out
    assert (tags(lock_data()), lock_data()["consents"]) == (["v2"], {})


@pytest.mark.parametrize("act", ["--remove", "--revoke"])
def test_what_is_not_locked_can_be_neither_removed_nor_revoked(damover, project, act):
    damover("lock", "v1")
    before = (project / "revisions.lock").read_bytes()
    code, _, err = damover("lock", act, "v1", "v2")
    assert code == 4
    assert "acme/phones v2 is not locked" in err
    assert (project / "revisions.lock").read_bytes() == before


def test_consent_is_recorded_for_the_digest_by_whom_and_when(damover, lock_data):
    code, out, _ = damover("lock", "--consent", "v1", "--by", "Ann <ann@example.org>")
    assert code == 0
    assert "      damoyolo.py: a Python file\n" in out
    data = lock_data()
    ((digest, given),) = data["consents"].items()
    assert digest == data["models"]["acme/phones"]["v1"]["digest"]
    assert given["by"] == "Ann <ann@example.org>"
    assert datetime.fromisoformat(given["at"]).utcoffset().total_seconds() == 0
    assert f"consented by Ann <ann@example.org>, {given['at']}" in out


def test_a_consent_that_stands_is_not_given_again(damover, lock_data):
    damover("lock", "--consent", "v1", "--by", "Ann")
    before = lock_data()
    assert "already consented by Ann" in damover("lock", "--consent", "v1", "--by", "Bob")[1]
    assert lock_data() == before


def test_what_runs_nothing_needs_no_consent_and_says_so(damover, lock_data):
    code, out, _ = damover("lock", "--consent", "v2")
    assert code == 0
    assert "runs no code (safetensors)" in out
    assert lock_data()["consents"] == {}
    assert tags(lock_data()) == ["v2"]


def test_t10_a_moved_tag_loses_its_consent(damover, project, lock_data):
    damover("lock", "--consent", "v1", "--by", "Ann")
    move(project)
    out = damover("lock", "v1")[1]
    assert "the consent of Ann" in out
    assert lock_data()["consents"] == {}


def test_revoke_takes_it_back_and_leaves_the_lock(damover, lock_data):
    damover("lock", "--consent", "v1", "--by", "Ann")
    code, out, _ = damover("lock", "--revoke", "v1")
    assert code == 0
    assert "v1  consent of Ann" in out
    assert (tags(lock_data()), lock_data()["consents"]) == (["v1"], {})
    assert "had no consent" in damover("lock", "--revoke", "v1")[1]


@pytest.mark.parametrize(("answer", "consented"), [("y", 1), ("YES ", 1), ("n", 0), ("", 0), ("yup", 0), (None, 0)])
def test_on_a_terminal_somebody_is_asked(damover, lock_data, answers, answer, consented):
    asked = answers(answer)
    code, out, _ = damover("lock", "--consent", "v1")
    assert (code, len(lock_data()["consents"])) == (0 if consented else 1, consented)
    assert len(asked) == 1
    assert "May v1 (" in asked[0]
    assert ("not consented" in out) is not consented
    assert tags(lock_data()) == ["v1"]


def test_yes_is_not_asked_about(damover, lock_data, answers):
    asked = answers("n")
    assert damover("lock", "--consent", "v1", "--yes")[0] == 0
    assert (asked, len(lock_data()["consents"])) == ([], 1)


@pytest.mark.parametrize("arguments", [("--by", "Ann"), ("--yes",), ("--revoke", "--yes"), ("--remove", "--by", "x")])
def test_by_and_yes_belong_to_consent(damover, project, arguments):
    code, _, err = damover("lock", "v1", *arguments)
    assert code == 4
    assert "--consent" in err
    assert not (project / "revisions.lock").exists()


@pytest.mark.parametrize("by", ["", " ", "\n", "x" * 201])
def test_nobody_cannot_consent(damover, project, by):
    code, _, err = damover("lock", "--consent", "v1", f"--by={by}")
    assert code == 4
    assert "1 to 200 characters" in err
    assert not (project / "revisions.lock").exists()


def test_by_default_it_is_who_git_knows_else_who_is_logged_in(project, monkeypatch):
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(project))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("LOGNAME", "annie")
    assert consent.who(None, project) == "annie"
    git = consent.which("git")
    if git is None:
        pytest.skip("no git here")
    subprocess.run([git, "init", "-q", str(project)], check=True)
    subprocess.run([git, "-C", str(project), "config", "user.name", "安 Ann"], check=True)
    assert consent.who(None, project) == "安 Ann"
    subprocess.run([git, "-C", str(project), "config", "user.email", "ann@example.org"], check=True)
    assert consent.who(None, project) == "安 Ann <ann@example.org>"
    monkeypatch.setattr(consent, "which", lambda _: None)
    assert consent.who(None, project) == "annie"


def test_a_lock_of_the_first_schema_is_refused_with_what_to_do(damover, project):
    (project / "revisions.lock").write_text('{"schema": 1, "models": {"acme/phones": {"v1": {}}}}')
    code, _, err = damover("lock", "v1")
    assert code == 4
    assert "damover lock v1" in err


def test_locking_loads_nothing_heavy(project):
    code = """
import sys
from pytest_damover.cli import main
assert main(["lock", "v1"]) == 0
print("LOADED", [name for name in ("torch", "modelscope", "jinja2", "pytest", "PIL") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"
    assert json.loads((project / "revisions.lock").read_text())["schema"] == 2


def test_ctrl_c_at_the_question_writes_nothing(damover, project, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(consent, "is_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", interrupted)
    assert damover("lock", "--consent", "v1")[0] == 130
    assert not (project / "revisions.lock").exists()
