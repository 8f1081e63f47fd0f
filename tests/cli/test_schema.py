import json

import jsonschema_rs
import pytest

from pytest_damover import documents
from pytest_damover.cli.schema import KINDS
from pytest_damover.domain.errors import Code


@pytest.mark.parametrize("kind", KINDS)
def test_schema_prints_what_the_readers_go_by(damover, kind):
    code, out, _ = damover("schema", kind)
    assert (code, json.loads(out)) == (0, documents.schema(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_is_one_of_draft_2020_12_and_says_what_it_is(kind):
    schema = documents.schema(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"].startswith("pytest-damover ")
    assert schema["description"]
    assert jsonschema_rs.meta.is_valid(schema)


def test_every_schema_in_the_package_can_be_printed():
    from importlib import resources

    found = {entry.name for entry in (resources.files("pytest_damover") / "schemas").iterdir()}
    assert {name for name in found if name.endswith(".json")} == {f"{kind}.schema.json" for kind in KINDS}


def test_no_key_of_a_schema_stands_twice():
    from importlib import resources

    for kind in KINDS:
        text = (resources.files("pytest_damover") / "schemas" / f"{kind}.schema.json").read_bytes()
        documents.parse_json(text, kind, Code.DOCUMENT)


def test_schema_of_another_kind_is_a_usage_error(damover):
    assert damover("schema", "log")[0] == 2
