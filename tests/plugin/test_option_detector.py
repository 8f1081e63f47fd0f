from __future__ import annotations

import pytest


def test_the_ini_file_names_it_and_the_plan_records_it(toy):
    toy.compare("-k", "one")
    assert toy.plan["detector"] == "replay"


def test_the_command_line_wins_over_the_ini_file(toy):
    toy.compare("-o", "damover_detector=yolo", "--damover-detector", "replay", "-k", "one")
    assert toy.plan["detector"] == "replay"


@pytest.mark.parametrize("detector", ["", "yolo", "_device", "replay "])
def test_what_is_no_detector_is_a_usage_error_that_lists_them(toy, detector):
    result = toy.compare(f"--damover-detector={detector}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "allowed: modelscope, replay" in result.stderr.str()
