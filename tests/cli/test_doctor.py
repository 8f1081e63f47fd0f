import pytest

pytestmark = pytest.mark.usefixtures("judged_project")


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
