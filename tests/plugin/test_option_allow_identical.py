from __future__ import annotations

import pytest

from pytest_damover.plugin.options import read_options


@pytest.mark.parametrize("arguments", [(), ("--damover-allow-identical",)])
def test_t4_it_is_asked_for_on_the_command_line_only(toy, arguments):
    config = toy.pytester.parseconfig("--revisions", "v1,v2", *arguments)
    assert read_options(config).allow_identical is bool(arguments)
    with pytest.raises(ValueError, match="unknown configuration"):
        config.getini("damover_allow_identical")
