"""Whatever bytes a file holds, out comes data or our own error: where, what was found, what is allowed."""

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_damover import documents
from pytest_damover.domain.errors import Code, DamoverError

CASE = {"name": "a", "image_path": "a.png", "expected": {"min_objects": 1}}
POLICY = {"schema": 1, "evidence": {"min_cases": 1, "min_images": 1, "min_objects": 0, "min_slice_images": 1}}


def json_refusal(text):
    with pytest.raises(DamoverError) as refusal:
        documents.parse_json(text, "a.json", Code.CASE_FILE)
    (fault,) = refusal.value.faults
    assert (fault.code, fault.where) == (Code.CASE_FILE, "a.json")
    return fault.found


def toml_refusal(text):
    with pytest.raises(DamoverError) as refusal:
        documents.parse_toml(text, "gate.toml", Code.POLICY)
    (fault,) = refusal.value.faults
    assert (fault.code, fault.where) == (Code.POLICY, "gate.toml")
    return fault.found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", "an empty file"),
        (b" \n", "an empty file"),
        (b'{"a": 1, "a": 2}', "the key 'a' stands twice in one object"),
        (b'[{"x": {"b": 1, "c": 2, "b": 1}}]', "the key 'b' stands twice in one object"),
        (b"[NaN]", "the number NaN"),
        (b"[-Infinity]", "the number -Infinity"),
        (b"[1e999]", "the number 1e999"),
        (b"[-1e999]", "the number -1e999"),
        (b"[" * 65 + b"]" * 65, "nested more than 64 deep"),
        (b'{"a":' * 100_000, "nested more than 64 deep"),
        (b"[1, 2", "line 1 column 6: Expecting ',' delimiter"),
        (b'{\n"a": x}', "line 2 column 6: Expecting value"),
        (b"\xff\xfe[\x00", "byte 0 is not UTF-8"),
        (b'["caf\xe9"]', "byte 5 is not UTF-8"),
        (b'["\\ud800"]', "half of a character in '\\ud800'"),
        (b'{"\\udfff": 1}', "half of a character in '\\udfff'"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_b5_json_that_is_refused_says_why(text, found):
    assert json_refusal(text) == found


def test_an_integer_of_5000_digits_is_refused_or_out_of_every_bound():
    assert "digits" in json_refusal(b"9" * 5000)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b"\xef\xbb\xbf[1]", [1]),
        ('["夜间"]'.encode(), ["夜间"]),
        (b'["\\ud83d\\udcf1"]', ["\N{MOBILE PHONE}"]),
        (b"[" * 64 + b"]" * 64, json.loads("[" * 64 + "]" * 64)),
        (b"1e-400", 0.0),
    ],
    ids=("bom", "chinese", "pair of surrogates", "64 deep", "tiny"),
)
def test_json_that_is_read(text, data):
    assert documents.parse_json(text, "a.json", Code.CASE_FILE) == data


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"a = nan", "the number nan"),
        (b"a = -inf", "the number -inf"),
        (b"a = 2026-01-01", "the date or time 2026-01-01"),
        (b"a = [07:30:00]", "the date or time 07:30:00"),
        (b"a = " + b"[" * 65 + b"]" * 65, "nested more than 64 deep"),
        (b"a = " + b"[" * 5000, "nested more than 64 deep"),
        (b"\xff", "byte 0 is not UTF-8"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_b5_toml_that_is_refused_says_why(text, found):
    assert toml_refusal(text) == found


@pytest.mark.parametrize("text", [b"a", b"a = 1\na = 2", b"a = 2026-13-45", b"[a", b"\0", b'a = "\\ud800"'])
def test_what_is_no_toml_says_where(text):
    assert toml_refusal(text).startswith("not TOML: ")


def test_a_number_of_5000_digits_in_toml_is_our_error():
    assert "digits" in toml_refusal(b"a = " + b"9" * 5000)


def test_b5_a_file_of_5_mb_is_read_and_one_byte_more_is_refused(tmp_path):
    path = tmp_path / "large.json"
    path.write_bytes(b" " * documents.MAX_BYTES)
    assert len(documents.read_bytes(path, "large.json", Code.CASE_FILE)) == documents.MAX_BYTES
    path.write_bytes(b" " * (documents.MAX_BYTES + 1))
    with pytest.raises(DamoverError, match="more than 5000000 bytes"):
        documents.read_bytes(path, "large.json", Code.CASE_FILE)


@pytest.mark.parametrize("name", ["none.json", "folder"])
def test_what_is_no_file_cannot_be_read(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DamoverError, match="cannot be read"):
        documents.read_bytes(tmp_path / name, name, Code.CASE_FILE)


@pytest.mark.parametrize(("kind", "good"), [("case", CASE), ("policy", POLICY)])
def test_good_data_has_no_fault(kind, good):
    assert documents.schema_faults(good, kind, "x", Code.CASE_FILE) == ()


@pytest.mark.parametrize(
    ("change", "path", "allowed"),
    [
        ({"expected": {"min_objects": "1"}}, "$.expected.min_objects", "a whole number, 0 to 10000"),
        ({"expected": {"min_objects": 1.5}}, "$.expected.min_objects", "a whole number, 0 to 10000"),
        ({"expected": {"min_objects": True}}, "$.expected.min_objects", "a whole number, 0 to 10000"),
        ({"expected": {"confidence_threshold": 0.5}}, "$.expected", "at least one of min_objects, max_objects, "),
        ({"expected": {"min_objects": 1, "min": 2}}, "$.expected", "the keys min_objects, max_objects, "),
        ({"severity": "huge"}, "$.severity", 'one of "critical", "major", "minor"'),
        ({"name": "a/b"}, "$.name", "1 to 128 characters, no blank and none of "),
        ({"expected": {"forbidden_regions": [[0, 0, 1]]}}, "$.expected.forbidden_regions[0]", "a list of 4 values"),
        ({"sevrity": "minor"}, "$", "the keys $schema, name, image_path, "),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_fault_names_the_json_path_and_what_is_allowed(change, path, allowed):
    (fault,) = documents.schema_faults({**CASE, **change}, "case", "a.json", Code.CASE_FILE)
    assert fault.where == f"a.json: {path}"
    assert allowed in fault.allowed
    assert fault.next_step == "damover schema case"


def test_every_fault_of_a_file_is_found_at_once():
    data = {"name": "", "image_path": 7, "expected": {"min_objects": -1}, "severity": "x", "more": 1}
    assert len(documents.schema_faults(data, "case", "a.json", Code.CASE_FILE)) == 5


def test_a_file_of_nothing_but_faults_is_told_in_few_words():
    data = {**CASE, "slices": [7] * 2000, "image_path": "x" * 1_000_000}
    faults = documents.schema_faults(data, "case", "a.json", Code.CASE_FILE)
    assert len(faults) == documents.MAX_FAULTS
    assert max(len(str(fault)) for fault in faults) < 2000


def test_more_values_than_anyone_writes_are_refused_before_each_is_looked_at():
    assert json_refusal(b"[" + b"7," * 1_000_000 + b"7]") == "more than 100000 values"


def test_a_key_that_stands_twice_among_many_is_found_in_a_second():
    text = json.dumps({str(number): 0 for number in range(50_000)})[:-1] + ', "49999": 1}'
    began = time.perf_counter()
    assert json_refusal(text.encode()) == "the key '49999' stands twice in one object"
    assert time.perf_counter() - began < 5


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()))
JSON = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=8)


def near(good):
    """Data that is good but for a key or two."""
    keys = st.sampled_from((*good, "slices", "severity", "expected", "ap50", "latency", "other"))
    return st.dictionaries(keys, JSON, max_size=3).map(lambda change: {**good, **change})


def read(text, kind):
    """What every reader of such a file does; only our own error may come out, and what passes can be stored."""
    try:
        parse = documents.parse_json if kind == "case" else documents.parse_toml
        data = parse(text, "file", Code.CASE_FILE)
    except DamoverError as error:
        str(error).encode()
        return
    str(documents.schema_faults(data, kind, "file", Code.CASE_FILE)).encode()
    json.dumps(data, ensure_ascii=False, allow_nan=False).encode()


@settings(max_examples=300, deadline=None)
@given(near(CASE) | JSON)
def test_any_json_data_is_read_or_refused_as_a_case(data):
    read(json.dumps(data).encode(), "case")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
@example(b'{"name": "a", "image_path": "\\ud800", "expected": {"min_objects": 1}}')
def test_any_bytes_are_read_or_refused(text):
    read(text, "case")
    read(text, "policy")


KINDS = ("case", "policy", "waivers", "golden", "plan", "verdict")


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(KINDS))
def test_whatever_stands_under_a_known_key_is_told(data, kind):
    known = st.sampled_from(sorted(documents.schema(kind)["properties"]))
    for fault in documents.schema_faults(data.draw(st.dictionaries(known, JSON)), kind, "file", Code.DOCUMENT):
        str(fault).encode()
        assert fault.found
        assert fault.allowed


TOML_VALUES = st.sampled_from(
    ["1", "-1", "0.5", "nan", "inf", "1e999", "true", '""', "2026-01-01", "[]", "[[[]]]", "{a = 1}", "9" * 40, "0x1F"]
)
TOML_KEYS = st.sampled_from(
    ["schema", "evidence.min_cases", "ap50.margin", "ap50.slices.night", "latency.max_ratio", "regressions.major", "x"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TOML_KEYS, TOML_VALUES), max_size=6))
def test_any_policy_is_read_or_refused(lines):
    read("\n".join(f"{key} = {value}" for key, value in lines).encode(), "policy")
