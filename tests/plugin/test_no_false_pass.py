"""What was not run, was taken away, or failed beside the plan is never a PASS, and nobody sees a traceback for it."""

from __future__ import annotations

import json
import shutil

import pytest

from pytest_damover import remake, store
from pytest_damover.domain.errors import DamoverError
from pytest_damover.plugin.shelf import Shelf
from pytest_damover.suites import Suite

FAILING = "def test_broken():\n    assert False\n"
ON_EACH_REVISION = "def test_plain(detector):\n    pass\n"


def second_suite(toy, name):
    shutil.copytree(toy.suite, toy.suite.parent / name)


def narrowed(toy):
    return "\n".join(toy.plan["narrowed"])


def test_a_module_that_skips_itself_is_no_pass(toy):
    toy.test_file("import pytest\npytest.importorskip('there_is_no_such_module')\n" + FAILING)
    assert toy.compare().ret == 20
    assert "suites/toy/test_toy.py was not collected: " in narrowed(toy)
    assert "there_is_no_such_module" in narrowed(toy)


@pytest.mark.parametrize("name", ["build", "dist", "venv"])
def test_a_suite_that_pytest_never_looks_into_is_no_pass(toy, name):
    second_suite(toy, name)
    assert toy.compare().ret == 20
    assert f"suites/{name} was not collected" in narrowed(toy)


def test_a_suite_that_a_conftest_keeps_out_is_no_pass(toy):
    second_suite(toy, "other")
    (toy.suite.parent / "conftest.py").write_text("collect_ignore = ['other']\n")
    assert toy.compare().ret == 20
    assert "suites/other was not collected" in narrowed(toy)
    assert toy.compare("suites/toy").ret == 0  # who names a suite judges that suite


def test_a_suite_with_a_broken_conftest_is_an_error_also_beside_a_good_one(toy):
    second_suite(toy, "other")
    (toy.suite.parent / "other/conftest.py").write_text("import there_is_no_such_module\n")
    assert toy.compare().ret == 21
    assert [suite["name"] for suite in toy.plan["suites"]] == ["other", "toy"]
    assert "there_is_no_such_module" in str(toy.plan["suites"][0]["broken"])


def test_python_tests_taken_away_by_a_hook_are_missing(toy):
    (toy.suite / "conftest.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[:] = [item for item in items if 'test_toy' not in item.nodeid]\n"
        "    return (yield)\n"
    )
    toy.test_file(ON_EACH_REVISION)
    assert toy.compare().ret == 20
    assert toy.verdict["counts"]["missing"] == 2


@pytest.mark.parametrize(
    ("arguments", "source"),
    [
        (["-p", "no:python"], FAILING),
        (
            ["-p", "no:unittest"],
            "from unittest import TestCase\nclass Zoo(TestCase):\n    def test_it(self):\n        0 / 0\n",
        ),
        (["-o", "collect_imported_tests=false"], "from there import test_broken\n"),
    ],
    ids=["no-python", "no-unittest", "no-imported-tests"],
)
def test_a_part_of_pytest_that_is_switched_off_and_would_have_found_a_test_is_no_pass(toy, arguments, source):
    toy.pytester.makepyfile(there=FAILING)
    toy.pytester.syspathinsert()
    toy.test_file(source)
    assert toy.compare(*arguments).ret == 20
    assert " ".join(arguments).partition("=")[0] in narrowed(toy)


@pytest.mark.parametrize("place", ["build/test_inner.py", "venv/deep/inner_test.py", "more/test_kept_out.py"])
def test_a_test_in_a_part_of_a_suite_that_pytest_never_looks_into_is_no_pass(toy, place):
    path = toy.suite / place
    path.parent.mkdir(parents=True)
    path.write_text(FAILING)
    (toy.suite / "venv").mkdir(exist_ok=True)
    (toy.suite / "venv/pyvenv.cfg").touch()
    (toy.suite / "conftest.py").write_text("collect_ignore = ['more/test_kept_out.py']\n")
    assert toy.compare().ret == 20
    assert f"suites/toy/{place.partition('/')[0]}" in narrowed(toy)


def test_what_pytest_passes_over_and_holds_no_test_narrows_nothing(toy):
    for place in ("build/notes.txt", "build/plain.py", ".ipynb_checkpoints/test_toy.py", "__pycache__/test_toy.py"):
        path = toy.suite / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(FAILING)
    assert toy.compare().ret == 0
    assert narrowed(toy) == ""


@pytest.mark.parametrize("shown", ["--fixtures", "--fixtures-per-test", "--markers", "--cache-show"])
def test_what_shows_something_instead_of_running_is_not_green(toy, shown):
    result = toy.pytester.runpytest_inprocess("--revisions", "v1,v2", shown)
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*{shown} does not go with --revisions*"])
    assert not (toy.root / "reports").exists()


@pytest.mark.parametrize("place", ["suites/test_beside.py", "tests/test_outside.py"])
def test_a_failed_test_that_is_in_no_suite_is_no_pass(toy, place):
    path = toy.root / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(FAILING)
    assert toy.compare(".").ret == 20
    assert f"{place}::test_broken" in toy.journal[-1]["reason"]
    path.write_text("def test_fine():\n    pass\n")
    assert toy.compare(".").ret == 0


def test_a_module_in_no_suite_that_cannot_be_imported_is_no_pass(toy):
    (toy.suite.parent / "test_beside.py").write_text("import there_is_no_such_module\n")
    assert toy.compare().ret == 20
    assert "there_is_no_such_module" in narrowed(toy)


@pytest.mark.parametrize("name", ["cases/more.jsonl", "cases/upper.JSON", "cases/test_here.py", "cases/a/b.json"])
def test_what_lies_among_the_cases_and_is_not_read_is_an_error(toy, name):
    path = toy.suite / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    assert toy.compare().ret == 21
    assert f"suites/toy/{name}".partition("/b.json")[0] in str(toy.plan["suites"][0]["broken"])


def test_case_lines_beside_the_folder_of_cases_are_an_error(toy):
    (toy.suite / "cases.jsonl").write_text("{}\n")
    assert toy.compare().ret == 21
    assert "suites/toy/cases/cases.jsonl" in str(toy.plan["suites"][0]["broken"])


def test_a_folder_that_is_called_like_a_case_is_an_error(toy):
    (toy.suite / "cases/folder.json").mkdir()
    assert toy.compare().ret == 21
    assert "suites/toy/cases/folder.json/" in str(toy.plan["suites"][0]["broken"])


@pytest.mark.parametrize("part", ["judging", "journaling", "protocol"])
def test_a_part_of_the_plugin_cannot_be_switched_off(toy, part):
    assert toy.compare("-p", f"no:damover-{part}").ret == 4


def test_notes_and_pictures_among_the_cases_are_nobodys_business(toy):
    (toy.suite / "cases/README.md").write_text("why these\n")
    (toy.suite / "cases/pictures").mkdir()
    shutil.copy(toy.suite / "images/one.png", toy.suite / "cases/pictures/one.png")
    assert toy.compare().ret == 0


@pytest.mark.parametrize("option", ["python_files=check_*.py", "python_functions=check_*", "norecursedirs=toy"])
def test_another_idea_of_what_is_a_test_is_no_pass(toy, option):
    toy.test_file(FAILING)
    assert toy.compare("-o", option).ret == 20


def test_a_run_that_writes_goldens_is_no_pass_even_where_none_is_asked_for(toy):
    assert toy.compare("--damover-update-golden").ret == 20


def test_ignoring_something_else_is_no_narrowing(toy):
    assert toy.compare("--ignore=docs").ret == 0
    toy.test_file(FAILING)
    assert toy.compare("--ignore=suites/toy/test_toy.py").ret == 20


def test_the_whole_suite_by_a_roundabout_path_is_the_whole_suite(toy, monkeypatch):
    monkeypatch.chdir(toy.suite)
    assert toy.compare("../../suites").ret == 0


def test_revisions_given_twice_are_a_usage_error(toy):
    result = toy.run("--revisions", "v1", "--revisions=v2")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--revisions was given twice*v1.0.0,v2.0.0"])


@pytest.mark.parametrize("where", ["in the test", "in its tear-down"])
def test_pytest_exit_0_is_no_pass(toy, where):
    call, teardown = ("pytest.exit('enough', returncode=0)", "pass")[:: 1 if where == "in the test" else -1]
    toy.test_file(
        "import pytest\n"
        "@pytest.fixture\n"
        f"def end(revision):\n    yield\n    if revision.name == 'v2':\n        {teardown}\n"
        f"def test_last(end, revision):\n    if revision.name == 'v2':\n        {call}\n"
    )
    assert toy.compare().ret == 20
    assert toy.journal[-1]["reason"] == "interrupted: enough"
    assert toy.verdict["counts"]["missing"] >= 1, "a test in which the run ends has no end of its own"


def test_pytest_exit_0_after_the_last_test_is_no_pass(toy):
    (toy.suite / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_runtest_logfinish(nodeid):\n"
        "    if nodeid.endswith('two[v2]'):\n"
        "        pytest.exit('enough', returncode=0)\n"
    )
    assert toy.compare().ret == 20
    assert toy.verdict["counts"]["missing"] == 0


def test_a_plugin_does_not_set_the_exit_code(toy):
    (toy.suite / "conftest.py").write_text("def pytest_sessionfinish(session):\n    session.exitstatus = 0\n")
    toy.case("lost", {"min_objects": 5}, severity="critical")
    toy.revision("v3", lost={"boxes": [[1.0, 1.0, 9.0, 9.0]] * 5, "scores": [0.9] * 5, "labels": ["phone"] * 5})
    assert toy.run("--revisions", "v3,v1").ret == 1


def test_a_session_fixture_that_fails_at_its_end_is_an_error_though_cases_come_last(toy):
    second_suite(toy, "zoo")
    toy.test_file(
        "import pytest\n"
        "@pytest.fixture(scope='session')\n"
        "def server():\n    yield\n    raise RuntimeError('the server did not stop')\n"
        "def test_first(server):\n    pass\n"
    )
    result = toy.compare()
    assert result.ret == 21
    assert "Traceback" not in result.stderr.str()
    assert "the server did not stop" in str(toy.findings())


def test_a_plugin_that_fails_at_the_end_of_the_session_makes_it_an_error(toy):
    (toy.suite / "conftest.py").write_text("def pytest_sessionfinish():\n    raise RuntimeError('no room for it')\n")
    result = toy.compare()
    assert result.ret == 21
    result.stdout.fnmatch_lines(["ERROR: the session did not end in order", "*no room for it*"])


def test_a_fixture_set_up_for_the_module_lives_through_the_cases_in_between(toy):
    toy.test_file(
        "import pytest\n"
        "made = []\n"
        "@pytest.fixture(scope='module')\n"
        "def thing():\n    made.append(1)\n    yield\n"
        "def test_thing(thing, revision):\n    assert len(made) == 1\n"
    )
    assert toy.compare().ret == 0


def test_a_model_that_ends_the_process_politely_is_an_error_of_its_case(toy):
    (toy.suite.parent / "conftest.py").write_text(
        "import sys\n"
        "from pytest_damover.detectors import replay\n"
        "replay.ReplayDetector.__call__ = lambda *_: sys.exit(0)\n"
    )
    result = toy.pytester.runpytest_subprocess("--revisions", "v1,v2")
    assert result.ret == 21
    assert toy.verdict["counts"]["missing"] == 0
    assert "INTERNALERROR" not in result.stdout.str()


def test_parameters_that_differ_in_a_sign_are_two_tests(toy):
    toy.test_file(
        "import pytest\n"
        "@pytest.mark.parametrize('x', [-1, 1, 'v10'])\n"
        "def test_x(detector, x):\n    assert x != 'v10'\n"
    )
    assert toy.compare().ret == 0
    names = {case for _, case, probe, _ in toy.plan["items"] if probe == "test"}
    assert names == {"test_toy.py::test_x[-1]", "test_toy.py::test_x[1]", "test_toy.py::test_x[v10]"}


def test_subtests_of_unittest_are_one_test(toy):
    toy.test_file(
        "import unittest\n"
        "class TestMany(unittest.TestCase):\n"
        "    def test_all(self):\n"
        "        for number in range(3):\n"
        "            with self.subTest(number=number):\n"
        "                self.assertLess(number, LIMIT)\n"
        "LIMIT = 3\n"
    )
    assert toy.compare().ret == 0
    path = toy.suite / "test_toy.py"
    path.write_text(path.read_text().replace("LIMIT = 3", "LIMIT = 1 + 1"))
    assert toy.compare("-p", "no:cacheprovider").ret == 1


def test_a_revision_that_is_asked_for_too_late_says_so(toy):
    toy.test_file("def test_late(request):\n    request.getfixturevalue('detector')\n")
    result = toy.compare()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*which revision? Ask for it*as an argument*"])


def test_without_pytests_terminal_the_verdict_is_still_told(toy):
    result = toy.compare("-p", "no:terminal")
    assert result.ret == 0
    assert "PASS" in result.stdout.str()
    assert "Traceback" not in result.stderr.str()


def test_a_picture_that_changes_between_two_revisions_is_refused(toy):
    suite = Suite("toy", toy.suite, toy.root)
    case, shelf = suite.read("one.json")[0], Shelf(room_bytes=0)
    first = shelf.image(suite, case)
    _ = first.pixels
    shelf.keep(suite, case, first)
    shutil.copy(toy.suite / "images/three.png", toy.suite / "images/one.png")
    with pytest.raises(DamoverError, match="changed while it was in use"):
        _ = shelf.image(suite, case).pixels


def test_a_test_of_a_pair_is_left_out_where_one_revision_is_judged_alone(toy):
    toy.test_file("def test_both(pair):\n    pass\n")
    assert toy.run("--revisions", "v1").ret == 0
    assert toy.plan["left_out"][0].startswith("compares two revisions, this run judges one alone")
    assert toy.compare().ret == 0
    assert toy.plan["left_out"] == []


def test_failures_in_one_line_each_are_readable(project):
    project.case("kept")
    project.case("lost")
    project.revision("v1")
    project.revision("v2", lost={"boxes": [], "scores": [], "labels": []})
    result = project.compare("--tb=line")
    result.stdout.fnmatch_lines(["suites/toy/cases/lost.json: found 0 of 1 expected boxes*"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda plan: plan["suites"][0]["cases"][0][2]["expected"].update(confidence_threshold="none"), "above 0"),
        (lambda plan: plan["suites"][0].update(root=5), r"\$\.suites\[0\]\.root: 5\n"),
        (lambda plan: plan.update(command=None), r"\$\.command: null\n"),
    ],
    ids=["case", "root", "command"],
)
def test_a_plan_that_was_edited_is_refused_in_words(toy, change, told):
    toy.compare()
    folder = store.open_run_folder(toy.root / "reports/latest")
    plan = toy.plan
    change(plan)
    folder.plan.write_text(json.dumps(plan))
    with pytest.raises(DamoverError, match=told):
        remake.judge_folder(folder)
