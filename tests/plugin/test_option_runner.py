from __future__ import annotations

import pytest


def test_the_default_is_inline(toy):
    assert toy.compare("--damover-runner", "inline", "-k", "one").ret == 20
    assert toy.verdict["counts"]["passed"] == 2


@pytest.mark.parametrize("runner", ["", "cloud"])
def test_what_is_no_runner_is_a_usage_error_that_lists_them(toy, runner):
    result = toy.compare("-o", f"damover_runner={runner}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "allowed: inline" in result.stderr.str()
