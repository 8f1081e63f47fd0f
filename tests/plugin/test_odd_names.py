"""Names and messages that no file or terminal can hold as they are: an error in words, never an internal one."""

from __future__ import annotations

import json
import os

import pytest


def said_in_words(result):
    text = result.stdout.str() + result.stderr.str()
    return not any(word in text for word in ("INTERNALERROR", "Traceback", "could not be judged"))


@pytest.mark.parametrize("name", [b"toy/cases/caf\xe9.json", b"caf\xe9/cases/a.json"], ids=("file", "suite"))
def test_a_name_that_is_not_utf_8_is_an_error(toy, name):
    path = toy.root / "suites" / os.fsdecode(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    except OSError:
        pytest.skip("this file system has no such names")
    result = toy.compare()
    assert result.ret == 21
    assert said_in_words(result)


def test_an_image_path_with_a_nul_in_it_is_an_error(toy):
    case = {"name": "five", "image_path": "a\0b.png", "expected": {"min_objects": 0}}
    (toy.suite / "cases/five.json").write_text(json.dumps(case))
    result = toy.compare()
    assert result.ret == 21
    assert said_in_words(result)


def test_a_message_with_half_a_character_is_a_failure_like_any_other(toy):
    toy.test_file("def test_it(revision):\n    assert revision.name == 'v1', 'caf\\udce9'\n")
    result = toy.compare()
    assert result.ret == 1
    assert said_in_words(result)
    assert "caf\udce9" in next(record["reason"] for record in toy.journal if record.get("outcome") == "failed")
