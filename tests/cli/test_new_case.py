import pytest

from pytest_damover.suites import Suite

pytestmark = pytest.mark.usefixtures("judged_project")


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
