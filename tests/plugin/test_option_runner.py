from __future__ import annotations

import pytest

from pytest_damover.plugin.options import read_options


def test_inline_is_this_process(toy):
    assert toy.compare("--damover-runner", "inline", "-k", "one").ret == 20
    assert toy.verdict["counts"]["passed"] == 2


@pytest.mark.parametrize("runner", ["", "cloud"])
def test_what_is_no_runner_is_a_usage_error_that_lists_them(toy, runner):
    result = toy.compare("-o", f"damover_runner={runner}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "allowed: auto, inline, process" in result.stderr.str()


def test_auto_is_this_process_for_recorded_detections(toy):
    for arguments in ((), ("--damover-runner", "auto")):
        assert toy.compare(*arguments, "-k", "one").ret == 20
        assert toy.verdict["counts"]["passed"] == 2


def test_the_default_is_auto(toy):
    assert read_options(toy.pytester.parseconfig("--revisions", "v1,v2")).runner == "auto"


def test_the_journal_has_what_each_child_held_right_after_loading(toy):
    toy.compare("--damover-runner", "process", "-k", "one")
    loads = [record["facts"] for record in toy.journal if record["kind"] == "load"]
    assert len(loads) == 2
    assert all(load["resident_bytes"] > 5_000_000 and load["load_ns"] > 0 for load in loads)
