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


def test_doctor_speaks_the_language_of_the_option_or_of_the_ini_file(damover, judged_project):
    english, chinese = damover("doctor")[1], damover("doctor", "--lang", "zh")[1]
    assert "(at least 8.4)" in english
    assert "（至少 8.4）" in chinese
    assert "没有 revisions.lock：名称所指可能变动" in chinese
    with (judged_project / "pyproject.toml").open("a") as file:
        file.write('\ndamover_lang = "zh"\n')
    assert damover("doctor")[1] == chinese
