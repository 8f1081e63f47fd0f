"""Goldens that nothing asks for any more: of cases at once, of Python tests only when all of them have run."""

from __future__ import annotations

import json

import pytest

UPDATE = "--damover-update-golden"
TESTS = """
def test_one(golden, detector, cases):
    golden(detector(cases.image("one")), "one")

def test_two(golden, detector, cases):
    golden(detector(cases.image("two")), "two")
"""


def held(**more):
    return {"min_objects": 1, "golden": True, **more}


@pytest.fixture
def accepted(toy):
    """Goldens of two cases and of two tests, on v1 and v2."""
    toy.case("one", held())
    toy.case("two", held())
    toy.test_file(TESTS)
    toy.compare(UPDATE)
    assert toy.compare().ret == 0
    assert told(toy) == ([], "")
    return toy


def told(toy):
    (record,) = [record for record in toy.journal if record["kind"] == "goldens"]
    assert record["suite"] == "toy"
    return record["orphans"], record["unknown"]


def of(folder, name):
    return [f"{family}/{folder}/{name}.cpu.fp32.json" for family in ("v1", "v2")]


def test_nothing_is_told_where_there_are_no_goldens(toy):
    toy.compare()
    assert [record for record in toy.journal if record["kind"] == "goldens"] == []


def test_a_case_that_wants_no_golden_any_more_leaves_an_orphan_that_everybody_is_told_of(accepted):
    accepted.case("one")
    result = accepted.compare()
    assert result.ret == 0  # it harms nobody, and nothing is removed
    assert told(accepted) == (of("cases", "one"), "")
    result.stdout.fnmatch_lines(["*Nothing asks for these any more (2): golden/toy/v1/cases/one.cpu.fp32.json +1*"])
    assert [note for note in accepted.plan["notes"] if "no case asks for golden/toy/v1/cases/one" in note]
    for name in ("report.html", "summary.md"):
        text = (accepted.root / "reports/latest" / name).read_text().replace("\\", "")
        assert "golden/toy/v2/cases/one.cpu.fp32.json" in text
    assert (accepted.root / "golden/toy/v1/cases/one.cpu.fp32.json").is_file()


def test_a_case_that_is_gone_leaves_an_orphan_also_with_k(accepted):
    (accepted.suite / "cases/one.json").unlink()
    accepted.compare("-k", "two")
    orphans, unknown = told(accepted)
    assert orphans == of("cases", "one")
    assert unknown == "suites/toy/test_toy.py::test_one[v1] did not run to its end"
    assert [note for note in accepted.plan["notes"] if "no case asks for golden/toy/v1/cases/one" in note]


def test_a_case_that_was_not_selected_is_no_orphan(accepted):
    accepted.compare("-k", "three")
    assert told(accepted)[0] == []


def test_nobody_knows_what_a_broken_case_would_ask_for(accepted):
    path = accepted.suite / "cases/one.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "surprise": 1}))
    accepted.compare()
    assert told(accepted)[0] == []


def test_a_test_that_asks_for_another_name_leaves_an_orphan(accepted):
    accepted.test_file(TESTS.replace('"two")\n', '"too")\n').replace('image("too")', 'image("two")'))
    accepted.compare()
    assert told(accepted) == (of("tests", "two"), "")


def test_an_update_tells_what_a_new_name_left_behind(accepted):
    accepted.test_file(TESTS.replace(', "two")', ', "too")'))
    accepted.compare(UPDATE)
    assert told(accepted) == (of("tests", "two"), "")


@pytest.mark.parametrize(
    "narrow",
    [("-k", "not test_two"), ("suites/toy/test_toy.py::test_one",), ("--deselect", "suites/toy/test_toy.py::test_two")],
    ids=["-k", "a node id", "--deselect"],
)
def test_a_golden_of_a_test_that_did_not_run_is_no_orphan(accepted, narrow):
    accepted.compare(*narrow)
    orphans, unknown = told(accepted)
    assert (orphans, unknown != "") == ([], True)
    assert "not known" in (accepted.root / "reports/latest/report.html").read_text()


@pytest.mark.parametrize(
    "end", ["    assert False\n", "    import pytest\n    pytest.skip('no')\n"], ids=["failed", "skipped"]
)
def test_a_test_that_broke_off_may_have_asked_for_more(accepted, end):
    head, _ = TESTS.split("def test_two")
    accepted.test_file(head + "def test_two(golden):\n" + end)
    accepted.compare()
    assert told(accepted) == ([], "suites/toy/test_toy.py::test_two[v1] did not run to its end")


def test_a_test_without_goldens_may_fail(accepted):
    accepted.test_file(TESTS.replace(', "two")', ', "too")') + "\ndef test_three(revision):\n    assert False\n")
    accepted.compare()
    assert told(accepted) == (of("tests", "two"), "")


def test_without_python_tests_every_golden_of_one_is_an_orphan(accepted):
    (accepted.suite / "test_toy.py").unlink()
    accepted.compare()
    assert sorted(told(accepted)[0]) == sorted(of("tests", "one") + of("tests", "two"))


def test_goldens_of_a_family_that_does_not_run_are_judged_by_their_names_alone(accepted):
    accepted.run("--revisions", "v1")
    assert told(accepted) == ([], "")


def test_what_lies_where_no_golden_is_read_is_listed(accepted):
    (accepted.root / "golden/toy/one.json").write_text("{}")
    (accepted.root / "golden/toy/v1/cases/README.md").write_text("why")
    (accepted.root / "golden/toy/v1/cases/.one.swp").write_text("")
    accepted.compare()
    assert told(accepted) == (["one.json", "v1/cases/README.md"], "")


def test_workers_tell_of_the_same_orphans(accepted):
    accepted.test_file(TESTS.replace(', "two")', ', "too")'))
    accepted.compare("-n", "2")
    assert told(accepted) == (of("tests", "two"), "")
    accepted.compare("-n", "2", "-k", "three")
    assert told(accepted)[0] == []


def test_a_run_that_goes_on_knows_what_was_asked_before(accepted):
    accepted.test_file(TESTS.replace(', "two")', ', "too")'))
    accepted.compare("-k", "test_two or one or two")
    folder = (accepted.root / "reports/latest").resolve().name
    text = (accepted.root / f"reports/{folder}/journal.jsonl").read_text()
    (accepted.root / f"reports/{folder}/journal.jsonl").write_text(text[: text.index('{"seq":12,')])
    accepted.compare("--damover-resume", folder)
    assert told(accepted) == (of("tests", "two"), "")
