import json

import pytest

from pytest_damover import documents


@pytest.mark.parametrize("kind", ["case", "policy"])
def test_schema_prints_what_the_readers_go_by(damover, kind):
    code, out, _ = damover("schema", kind)
    assert (code, json.loads(out)) == (0, documents.schema(kind))


def test_schema_of_another_kind_is_a_usage_error(damover):
    assert damover("schema", "plan")[0] == 2
