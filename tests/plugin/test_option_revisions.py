from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty name"),
        ("v1,,v2", "an empty name"),
        ("v1,v2,", "an empty name"),
        ("../../x,v1", "'../../x' is not a revision name"),
        ("v1,-v2", "'-v2' is not a revision name"),
        ("v1,/etc", "'/etc' is not a revision name"),
        ("v1,v 2", "'v 2' is not a revision name"),
        ("v1,v2,v2", "the candidate v2 is named twice"),
        ("v1,v2,v2,v9", "the candidate v2 is named twice"),
        ("v1," + "x" * 129, "is not a revision name"),
        ("-v1,v2", "'-v1' is not a revision name"),
        ("v1,>=two", "'>=two' is not a range of versions"),
        ("v1,>=", "'>=' is not a range of versions"),
        ("v1,>=2,,<3", "an empty name"),
        ("v1,lat*est", "'lat*est' is not a revision name"),
        ("v1,v2;rm", "'v2;rm' is not a revision name"),
        ("v1,v2\n::add-mask::x", "is not a revision name"),
        ("v1,>=2,<3,>=2 , <3", "the candidate >=2,<3 is named twice"),
    ],
    ids=lambda text: text[:20],
)
def test_b10_names_that_are_none_are_a_usage_error_before_the_hub_is_asked(toy, text, said):
    (toy.root / "hub").rename(toy.root / "nowhere")
    result = toy.run(f"--revisions={text}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert not (toy.root / "reports").exists()


def test_b10_one_revision_beside_itself_is_allowed_and_decides_nothing(toy):
    result = toy.run("--revisions", "v1,v1")
    assert result.ret == 20
    assert toy.verdict["verdict"] == "INCONCLUSIVE"


def test_a_range_may_be_the_baseline_however_it_is_spaced(toy):
    result = toy.run("--revisions", ">=1,<9,v1", "--baseline", ">=3 , <9")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--baseline >=3,<9: allowed: one of --revisions: >=1,<9, v1" in result.stderr.str()


def test_every_unknown_revision_is_named_with_what_exists(toy):
    result = toy.run("--revisions", "v8,v1,v9")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no revision 'v8'*", "*v1, v2*", "*no revision 'v9'*"])


def test_blanks_around_names_and_aliases_are_understood(toy):
    assert toy.run("--revisions", " v1 , v2-enhanced ").ret == 0
    assert toy.verdict["candidates"][0]["revision"] == "v2-enhanced"
    assert toy.plan["candidates"][0]["tag"] == "v2"


@pytest.mark.parametrize(
    ("line", "said"),
    [("v3", "alias = revision"), ("x = ../v1", "'../v1' is not a revision name"), ("-x = v1", "'-x' is not")],
)
def test_a_broken_alias_is_a_usage_error(toy, line, said):
    result = toy.compare("-o", f"damover_aliases={line}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()


def test_all_wrong_options_are_named_at_once(toy):
    wrong = {
        "--revisions": "v1,,../x",
        "--baseline": "v7",
        "--damover-model": "no-model",
        "--damover-hub": "huggingface",
        "--damover-detector": "yolo",
        "--damover-device": "tpu",
        "--damover-policy": "none.toml",
        "--damover-runner": "cloud",
        "--damover-lang": "fr",
    }
    result = toy.run(*(f"{name}={value}" for name, value in wrong.items()))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = result.stderr.str()
    for value in wrong.values():
        assert value.rpartition(",")[2] in said
    assert said.count("damover: ") == len(wrong) + 1  # --revisions is wrong twice
    assert not (toy.root / "reports").exists()
