from __future__ import annotations

import pytest

from pytest_damover.plugin.options import read_options


@pytest.mark.parametrize(
    ("arguments", "offline"),
    [
        ((), False),
        (("--damover-offline",), True),
        (("-o", "damover_offline=true"), True),
        (("-o", "damover_offline=no"), False),
        (("-o", "damover_offline=no", "--damover-offline"), True),
    ],
    ids=str,
)
def test_command_line_over_ini_over_default(toy, arguments, offline):
    assert read_options(toy.pytester.parseconfig("--revisions", "v1,v2", *arguments)).offline is offline


def test_an_ini_value_that_is_neither_is_a_usage_error(toy):
    result = toy.compare("-o", "damover_offline=perhaps", "-o", "damover_locked=")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    for said in ("damover_offline: ", "'perhaps'", "damover_locked: "):
        assert said in result.stderr.str()
