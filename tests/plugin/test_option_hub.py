from __future__ import annotations

import pytest


def test_the_command_line_wins_over_the_ini_file(toy):
    (toy.root / "hub").rename(toy.root / "models")
    assert toy.compare("--damover-hub", "local:models", "-k", "one").ret == 20
    assert toy.plan["baseline"]["hub"] == "local:models"


def test_the_ini_file_wins_over_the_default(toy):
    (toy.root / "hub").rename(toy.root / "models")
    toy.compare("-o", "damover_hub=local:models", "-k", "one")
    assert toy.plan["baseline"]["hub"] == "local:models"


@pytest.mark.parametrize(
    ("hub", "said"),
    [
        ("", "local, local:PLACE"),
        ("huggingface", "local, local:PLACE"),
        ("modelscope:http://example.org", "https://HOST"),
        ("modelscope:https://user:secret@example.org", "no password"),
    ],
)
def test_what_is_no_hub_is_a_usage_error(toy, hub, said):
    result = toy.compare(f"--damover-hub={hub}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert "secret@" not in result.stderr.str()
