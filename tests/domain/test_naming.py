"""Ids of cases: ASCII, readable where they can be, and never the same for two names."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.naming import slug


@pytest.mark.parametrize("name", ["night_041", "a-b", "A+b.c", "x" * 128])
def test_b7_a_name_of_ascii_is_its_own_id(name):
    assert slug(name) == name


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("夜间_041", "041"),
        ("夜间", "case"),
        ("phone夜41", "phone-41"),
        ("café", "cafe"),
        ("Straße", "Stra-e"),
        ("１２", "12"),
        ("a" * 60 + "é", "a" * 40),
    ],
)
def test_b7_what_can_be_read_of_a_name_is_kept(name, readable):
    assert re.fullmatch(re.escape(readable) + "-[0-9a-f]{8}", slug(name))


def test_b7_one_name_in_two_forms_has_one_id():
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert composed != apart
    assert slug(composed) == slug(apart) != slug("cafè")


@given(st.text(min_size=1, max_size=128))
def test_b7_every_id_is_short_ascii_that_pytest_and_shells_can_read(name):
    if not name.isascii():
        assert re.fullmatch(r"[A-Za-z0-9_.+-]{1,49}", slug(name))
