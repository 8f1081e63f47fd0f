"""Where a golden lies, which family a revision is of, and which golden is nearest."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.golden_file import (
    Asker,
    GoldenKey,
    Setting,
    StoredGolden,
    family_of,
    file_slug,
    nearest,
)
from pytest_damover.domain.revision import Revision

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("name", "tag", "family"),
    [
        ("v1.0.0", "v1.0.0", "v1"),
        ("v1.2", "v1.2", "v1"),
        ("2.0.0-rc.1", "2.0.0-rc.1", "v2"),
        ("enhanced", "v3.1.0", "v3"),
        ("main", "main", "main"),
        ("abc", "0f3e" * 10, "abc"),
    ],
)
def test_the_family_is_the_major_version_of_the_tag_else_the_revision(name, tag, family):
    assert family_of(Revision(name, tag, "acme/phones", "local", None, ())) == family


@pytest.mark.parametrize("name", ["one", "till_at_night", "scene-1", "7", "_x"])
def test_a_plain_name_is_its_own_file_name(name):
    assert file_slug(name) == name


@given(NAMES)
def test_b8_whatever_a_name_is_its_file_lies_in_the_folder(name):
    key = GoldenKey(Asker.CASE, name, name, Setting("cpu", "", "fp32"))
    stored = StoredGolden.at(key.path)
    assert stored is not None
    assert (stored.group, stored.setting) == (key.group, key.setting)
    assert len(key.path.split("/")) == 3
    assert key.path.isascii()
    assert max(map(len, key.path.split("/"))) < 200


@pytest.mark.parametrize(
    ("one", "other"), [("A", "a"), ("a.b", "a-b"), ("夜", "日"), ("a b", "a-b"), ("x" * 101, "x" * 102), (".", "..")]
)
def test_b8_names_that_differ_lie_in_files_that_differ_also_where_case_does_not_count(one, other):
    assert file_slug(one).lower() != file_slug(other).lower()


@pytest.mark.parametrize(
    "path",
    ["one.json", "v1/one.cpu.fp32.json", "v1/cases/one.json", "v1/cases/one.tpu.fp32.json",
     "v1/cases/../x.cpu.fp32.json", "v1/cases/one.cpu.fp32.txt",
     "a/v1/cases/one.cpu.fp32.json", "V1/cases/one.cpu.fp32.json"],
)  # fmt: skip
def test_what_lies_elsewhere_is_no_golden(path):
    assert StoredGolden.at(path) is None


def test_the_setting_is_what_device_and_loader_tell():
    assert Setting.of("cpu", {"device_name": "cpu"}) == Setting("cpu", "", "fp32")
    facts = {"device_name": "NVIDIA H200", "precision": "fp16"}
    assert Setting.of("cuda:1", facts) == Setting("cuda", file_slug("NVIDIA H200"), "fp16")
    assert Setting.of("cuda:0", {"device_name": 7, "precision": None}) == Setting("cuda", "", "fp32")


ORDER = [
    Setting("cuda", "a", "fp16"),  # itself
    Setting("cuda", "", "fp16"),  # another GPU, by name
    Setting("cuda", "b", "fp16"),
    Setting("cpu", "", "fp16"),  # another device
    Setting("cuda", "a", "fp32"),  # another precision
    Setting("cuda", "b", "fp32"),
    Setting("cpu", "", "fp32"),
]


@pytest.mark.parametrize("near", range(len(ORDER)))
def test_precision_counts_before_the_kind_of_device_before_the_gpu(near):
    wanted = GoldenKey(Asker.TEST, "one", "v1", ORDER[0])
    keys = [GoldenKey(Asker.TEST, "one", "v1", setting).path for setting in ORDER[near:]]
    stored = [one for one in map(StoredGolden.at, keys) if one is not None]
    for order in itertools.permutations(stored, min(len(stored), 4)):
        assert nearest((*order, *stored), wanted) == stored[0]


def test_neither_another_family_nor_another_name_nor_another_asker_is_near():
    setting = Setting("cpu", "", "fp32")
    wanted = GoldenKey(Asker.TEST, "one", "v1", setting)
    others = [
        GoldenKey(Asker.CASE, "one", "v1", setting),
        GoldenKey(Asker.TEST, "two", "v1", setting),
        GoldenKey(Asker.TEST, "one", "v2", setting),
    ]
    stored = [one for key in others if (one := StoredGolden.at(key.path)) is not None]
    assert (len(stored), nearest(stored, wanted)) == (3, None)
