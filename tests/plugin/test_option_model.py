from __future__ import annotations

import pytest


def test_the_command_line_wins_over_the_ini_file(toy):
    (toy.root / "hub/acme/phones").rename(toy.root / "hub/acme/tablets")
    assert toy.compare("--damover-model", "acme/tablets", "-k", "one").ret == 20
    assert toy.plan["baseline"]["model"] == "acme/tablets"


@pytest.mark.parametrize("model", ["phones", "../phones", "acme/..", "acme/phones/x", "/acme/phones"])
def test_what_is_no_model_id_is_a_usage_error(toy, model):
    result = toy.compare("--damover-model", model)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "is not a model id" in result.stderr.str()


def test_no_model_at_all_is_a_usage_error_that_says_what_to_set(toy):
    result = toy.compare("-o", "damover_model=")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "damover_model" in result.stderr.str()


def test_a_model_that_the_hub_does_not_have_is_a_usage_error_that_lists_what_it_has(toy):
    result = toy.compare("--damover-model", "acme/tablets")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "acme/phones" in result.stdout.str() + result.stderr.str()
