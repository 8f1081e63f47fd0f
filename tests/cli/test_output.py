"""W7: what a CI runner or a terminal would obey is shown instead."""

import json

import pytest

from pytest_damover.cli.output import complain, harmless, say, say_json
from pytest_damover.domain.errors import Code, DamoverError, Fault

HOSTILE = "x\r\n::add-mask::y\x1b[31m\n  ::error::z ##[command]w \u202e"


@pytest.mark.parametrize("text", [HOSTILE, "::stop", "\x9b31m", "a\x07", "##vso ##[x"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_w7_nothing_printed_is_a_command(text, lang, capsys):
    say(text)
    complain(DamoverError(Fault(Code.HUB, text, text, text, text)), lang)
    for said in capsys.readouterr():
        assert not any(line.lstrip().startswith("::") for line in said.splitlines())
        assert not set("\x1b\r\x9b\x07\u202e") & set(said)
        assert "##[" not in said


def test_w7_json_is_ascii_and_says_the_same(capsys):
    say_json({"message": HOSTILE + "夜"})
    said = capsys.readouterr().out
    assert said.isascii()
    assert "##[" not in said
    assert json.loads(said) == {"message": HOSTILE + "夜"}


def test_readable_text_stays_as_it_is():
    assert harmless("夜间 a::b\n  c") == "夜间 a::b\n  c"
