import json
import os

import pytest

from pytest_damover.domain.case import Case
from pytest_damover.domain.errors import Code
from pytest_damover.domain.naming import slug
from pytest_damover.suites import BrokenCase, Suite, read_policy


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "suites/phone/cases").mkdir(parents=True)
    return Suite("phone", tmp_path / "suites/phone", tmp_path)


def write(suite, file, **changes):
    data = {"name": file, "image_path": "images/a.png", "expected": {"min_objects": 1}, **changes}
    (suite.cases / f"{file}.json").write_text(json.dumps(data))


def entries(suite):
    return {entry.name: type(entry) for entry in suite.all_cases()}


def faults(suite):
    return [str(entry) for entry in suite.all_cases() if isinstance(entry, BrokenCase)]


def test_case_files_come_in_name_order_and_lines_last(suite):
    for name in ("b", "a", "cases"):
        write(suite, name)
    (suite.cases / "cases.jsonl").write_text("")
    (suite.cases / "notes.txt").write_text("")
    (suite.cases / "folder.json").mkdir()
    assert list(suite.case_files()) == ["a.json", "b.json", "cases.json", "cases.jsonl"]


def test_a_suite_without_cases_has_none(tmp_path):
    assert list(Suite("none", tmp_path / "none", tmp_path).all_cases()) == []


def test_a_case_knows_its_file_and_the_digest_of_its_text(suite):
    write(suite, "a", severity="critical", slices=["night"])
    (case,) = suite.all_cases()
    assert (case.source, case.severity.value, case.slices) == ("suites/phone/cases/a.json", "critical", ("night",))
    assert len(case.digest) == 64


def test_a_broken_case_is_no_reason_to_lose_the_others(suite):
    write(suite, "good")
    (suite.cases / "bad.json").write_text("{")
    assert entries(suite) == {"bad": BrokenCase, "good": Case}


@pytest.mark.parametrize(
    ("expected", "path", "found"),
    [
        ({"min_objects": 3, "max_objects": 2}, "$.expected.max_objects", "2 is less than min_objects 3"),
        ({"expected_boxes": [{"box": [5, 0, 5, 9], "label": "x"}]}, "$.expected.expected_boxes[0].box", "no area"),
        ({"forbidden_regions": [[0, 0, 9, 9], [0, 9, 9, 0]]}, "$.expected.forbidden_regions[1]", "no area"),
    ],
    ids=("limits", "box", "region"),
)
def test_what_a_schema_cannot_say_is_a_fault_too(suite, expected, path, found):
    write(suite, "a", expected=expected)
    (text,) = faults(suite)
    assert path in text
    assert found in text


@pytest.mark.parametrize("other", ["ONE", "One"])
def test_b7_names_that_differ_in_case_alone_collide(suite, other):
    write(suite, "a", name="one")
    write(suite, "b", name=other)
    (text,) = faults(suite)
    assert "suites/phone/cases/b.json" in text
    assert "is taken by a case in suites/phone/cases/a.json" in text


def test_b7_names_that_look_alike_collide(suite):
    write(suite, "a", name="caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    write(suite, "b", name="cafe\N{COMBINING ACUTE ACCENT}")
    assert len(faults(suite)) == 1


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a\\b", "a[1]", "a:b", "a@b", "a\nb", "x" * 129])
def test_b7_a_name_that_no_test_can_have_is_a_fault(suite, name):
    write(suite, "a", name=name)
    assert "$.name" in faults(suite)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße", "STRASSE"),
        ("\N{KELVIN SIGN}", "k"),
        ("\N{LATIN SMALL LETTER J WITH CARON}", "J\N{COMBINING CARON}"),
        ("\N{ANGSTROM SIGN}", "å"),
        ("ΣΑΣ", "σας"),
    ],
)
def test_b7_names_that_one_file_system_takes_for_the_same_collide(suite, one, other):
    write(suite, "a", name=one)
    write(suite, "b", name=other)
    (broken,) = (entry for entry in suite.all_cases() if isinstance(entry, BrokenCase))
    assert broken.faults[0].code is Code.CASE_NAME


def test_b7_a_name_that_is_the_id_of_another_collides(suite):
    write(suite, "a", name="夜间_041")
    write(suite, "b", name=slug("夜间_041").upper())
    (text,) = faults(suite)
    assert "is taken by a case in suites/phone/cases/a.json" in text


def test_b7_a_name_is_kept_as_it_was_written_up_to_128_characters(suite):
    write(suite, "a", name="夜" * 128)
    write(suite, "b", name="夜" * 129)
    assert [entry.name for entry in suite.all_cases() if isinstance(entry, Case)] == ["夜" * 128]
    assert "$.name" in faults(suite)[0]


def test_every_line_of_a_jsonl_file_is_a_case_and_each_fault_names_its_line(suite):
    lines = [
        {"name": name, "image_path": "a.png", "expected": {"min_objects": value}}
        for name, value in (("a", 1), ("b", -1), ("A", 1))
    ]
    (suite.cases / "cases.jsonl").write_text("\n".join(["", *map(json.dumps, lines), "", "{"]))
    assert [type(entry) for entry in suite.all_cases()] == [Case, BrokenCase, BrokenCase, BrokenCase]
    wrong_value, wrong_name, no_json = faults(suite)
    assert "cases.jsonl:3: $.expected.min_objects" in wrong_value
    assert "is taken" in wrong_name
    assert "cases.jsonl:6: line 1 column 2" in no_json


def test_an_endless_line_is_refused_unread(suite):
    (suite.cases / "cases.jsonl").write_bytes(b" " * 5_000_001 + b"\n")
    assert "cases.jsonl:1: more than 5000000 bytes" in faults(suite)[0]


def test_a_link_to_nothing_is_a_broken_case_and_not_a_case_less(suite):
    (suite.cases / "a.json").symlink_to("nowhere.json")
    assert "cannot be read: No such file" in faults(suite)[0]


def test_a_pipe_is_no_case_and_is_never_opened(suite):
    os.mkfifo(suite.cases / "a.json")
    (suite.cases / "b.json").symlink_to("a.json")
    assert list(suite.all_cases()) == []


def test_a_file_name_that_is_not_utf_8_is_a_broken_case(suite):
    try:
        (suite.cases / os.fsdecode(b"caf\xe9.json")).write_text("{}")
    except OSError:
        pytest.skip("this file system has no such names")
    (text,) = faults(suite)
    assert "not UTF-8" in text
    assert text.encode()


def test_a_missing_policy_is_one_fault(suite):
    policy = suite.read_policy()
    assert (policy.source, policy.data) == ("suites/phone/gate.toml", None)
    assert policy.faults[0].code is Code.POLICY


def test_all_faults_of_a_policy_are_named(suite):
    text = "schema = 2\nmin = 1\n[evidence]\nmin_cases = 0\n[ap50]\nmargin = 0\n[latency]\nmax_ratio = 0.0\n"
    (suite.root / "gate.toml").write_text(text)
    named = " ".join(fault.where + fault.found for fault in suite.read_policy().faults)
    for part in ("$.schema", '"min"', "$.evidence.min_cases", "min_images", "$.ap50.margin", "$.latency.max_ratio"):
        assert part in named


def test_a_policy_of_the_command_line_is_named_as_it_was_given(tmp_path):
    policy = read_policy(tmp_path / "none.toml", "../none.toml")
    assert policy.source == policy.faults[0].where == "../none.toml"


EVIDENCE = {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 1}


def policy_faults(tmp_path, more="", schema="schema = 1", **changes):
    limits = [f"{key} = {value}" for key, value in {**EVIDENCE, **changes}.items() if value is not None]
    (tmp_path / "gate.toml").write_text("\n".join([schema, "[evidence]", *limits, more]))
    return " ".join(str(fault) for fault in read_policy(tmp_path / "gate.toml", "gate.toml").faults)


@pytest.mark.parametrize("key", EVIDENCE)
def test_g5_a_minimum_that_is_not_set_is_a_policy_error(tmp_path, key):
    assert policy_faults(tmp_path) == ""
    assert f'no key "{key}"' in policy_faults(tmp_path, **{key: None})


@pytest.mark.parametrize(
    ("more", "changes", "where"),
    [
        ("[ap50]\nmargin = 0", {}, "$.ap50.margin"),
        ("[ap50.slices]\nnight = 0.0", {}, "$.ap50.slices.night"),
        ("[latency]\nmax_ratio = 0", {}, "$.latency.max_ratio"),
        ("", {"min_cases": 0}, "$.evidence.min_cases"),
        ("[ap75]\nmargin = 0.1", {}, 'unknown key "ap75"'),
        ("[regressions]\nhuge = 1", {}, 'unknown key "huge"'),
    ],
)
def test_g8_a_limit_of_zero_an_unknown_key_or_measure_is_a_policy_error(tmp_path, more, changes, where):
    told = policy_faults(tmp_path, more, **changes)
    assert where in told
    assert "[policy]" in told


WAIVER = """\
[[waiver]]
id = "W-1"
owner = "li.wei@example.com"
reason = "see #812"
expires = "2026-12-31"
[waiver.scope]
cases = ["a"]
"""


def waivers(suite, text):
    (suite.root / "waivers.toml").write_text(text)
    return suite.read_waivers()


def test_g10_without_the_file_there_are_no_waivers_and_an_empty_one_is_a_fault(suite):
    assert suite.read_waivers() is None
    assert waivers(suite, "").faults
    assert waivers(suite, "schema = 1\n").waivers == ()


def test_g10_a_good_file_is_read(suite):
    file = waivers(suite, "schema = 1\n" + WAIVER)
    assert (file.source, file.faults, len(file.digest)) == ("suites/phone/waivers.toml", (), 64)
    assert [str(one) for one in file.waivers] == ["W-1 (li.wei@example.com, until 2026-12-31)"]


BAD_WAIVERS = {
    "an unknown key": ('owner = "', 'color = "red"\nowner = "', "color"),
    "no id": ('id = "W-1"\n', "", "id"),
    "no date": ('expires = "2026-12-31"\n', "", "expires"),
    "no scope": ('[waiver.scope]\ncases = ["a"]\n', "", "scope"),
    "a date that is none of text": ('"2026-12-31"', "2026-12-31", "date or time"),
    "a day that is none": ("2026-12-31", "2026-11-31", "no day"),
    "another form of date": ("2026-12-31", "31.12.2026", "a day as text"),
    "no case": ('["a"]', "[]", "cases"),
    "a case twice": ('["a"]', '["a", "a"]', "stands twice"),
    "two kinds of thing": ('["a"]', '["a"]\nrule = "ap50"', "both"),
    "neither kind of thing": ('cases = ["a"]', 'candidates = ["v2"]', "neither"),
    "a bound of a case": ('["a"]', '["a"]\nworst = 1', "worst without a rule"),
    "a bound that is none": ('cases = ["a"]', 'rule = "ap50"\nworst = nan', "nan"),
    "a bound too large for a number": ('cases = ["a"]', f'rule = "ap50"\nworst = {"9" * 400}', "to 1000000000"),
    "a text for a bound": ('cases = ["a"]', 'rule = "ap50"\nworst = "1"', "number"),
}


@pytest.mark.parametrize("name", BAD_WAIVERS)
def test_g10_a_file_with_a_fault_waives_nothing(suite, name):
    old, new, told = BAD_WAIVERS[name]
    text = WAIVER.replace(old, new)
    assert text != WAIVER
    file = waivers(suite, "schema = 1\n" + text)
    assert (file.data, file.digest, file.waivers) == (None, "", ())
    assert told in file.faults[0]
    assert file.faults[0].endswith(f"[{Code.WAIVERS.value}]")


def test_g10_all_faults_of_a_file_are_told(suite):
    both = WAIVER.replace("2026-12-31", "2026-02-30") + WAIVER.replace('cases = ["a"]', "")
    assert len(waivers(suite, "schema = 1\n" + both).faults) == 4  # a day, a scope, and one id twice


@pytest.mark.parametrize(
    "make", [lambda path: path.mkdir(), lambda path: path.symlink_to("nowhere")], ids=["dir", "link"]
)
def test_g10_what_cannot_be_read_is_a_fault_and_not_no_waivers(suite, make):
    make(suite.root / "waivers.toml")
    assert suite.read_waivers().faults
