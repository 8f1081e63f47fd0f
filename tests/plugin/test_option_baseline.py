from __future__ import annotations

import pytest


def test_without_it_the_first_revision_is_the_baseline(toy):
    toy.run("--revisions", "v2,v1", "-k", "one")
    assert toy.plan["baseline"]["name"] == "v2"


def test_it_may_be_any_of_the_revisions(toy):
    toy.revision("v3", latency_ms=0.002)
    toy.run("--revisions", "v1,v2,v3", "--baseline", "v2", "-k", "one")
    assert toy.plan["baseline"]["name"] == "v2"
    assert [candidate["name"] for candidate in toy.plan["candidates"]] == ["v1", "v3"]


def test_another_revision_is_a_usage_error(toy):
    result = toy.compare("--baseline", "v3")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "one of --revisions: v1, v2" in result.stderr.str()


def test_a_candidate_named_twice_is_found_whichever_is_the_baseline(toy):
    result = toy.run("--revisions", "v1,v2,v1", "--baseline", "v2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "the candidate v1 is named twice" in result.stderr.str()


def test_alone_it_is_a_usage_error_and_no_green_run_of_plain_pytest(toy):
    result = toy.run("--baseline", "v1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--baseline goes with --revisions" in result.stderr.str()
