"""Order and ranges of versions, against the examples of SemVer 2.0 and the laws of a total order."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import check_asked
from pytest_damover.domain.semver import highest, is_range, parse_range, parse_version, split_revisions, version_key

# section 11 of the specification, and its neighbours
ASCENDING = (
    "0.0.0-0",
    "0.0.0",
    "1.0.0--",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "2.0.0",
    "2.1.0",
    "2.1.1",
    "2.1.2-999999999999999999999",
    "2.1.2-1a",
    "2.1.2-A",
    "2.1.2-a",
    "2.1.10",
    "2.10.0",
    "10.0.0",
)
# the specification's own regular expression accepts and refuses these
VALID = (
    *ASCENDING,
    "1.1.2-prerelease+meta",
    "1.1.2+meta-valid",
    "1.0.0-0A.is.legal",
    "1.0.0-alpha0.valid",
    "1.0.0-rc.1+build.123",
    "1.2.3----RC-SNAPSHOT.12.9.1--.12",
    "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
)
INVALID = (
    "",
    "v",
    "1.2.3-0123",
    "1.2.3-0123.0123",
    "1.1.2+.123",
    "+invalid",
    "-invalid",
    "alpha",
    "1.0.0-alpha..1",
    "1.0.0-",
    "01.1.1",
    "1.01.1",
    "1.1.01",
    "1.2.3.DEV",
    "1.2.31.2.3-RC",
    "1.2.3+",
    "1.2.3+a+b",
    "V1.2.3",
    "vv1.2.3",
    " 1.2.3",
    "1.2.3\n",
    "1.2.3-夜",
    "¹.2.3",
)

numbers = st.integers(0, 3)
pre_parts = st.one_of(numbers.map(str), st.sampled_from(["a", "b", "A", "-", "a1", "0a", "rc"]))
versions = st.builds(
    lambda core, pre: ".".join(map(str, core)) + ("-" + ".".join(pre) if pre else ""),
    st.tuples(numbers, numbers, numbers),
    st.lists(pre_parts, max_size=3),
)


def oracle(left, right):
    """-1, 0 or 1, by walking through section 11 rule by rule."""
    cores, pres = zip(*((text.partition("-")[0], text.partition("-")[2]) for text in (left, right)), strict=True)
    for a, b in zip(*(core.split(".") for core in cores), strict=True):
        if int(a) != int(b):
            return -1 if int(a) < int(b) else 1
    if not (pres[0] and pres[1]):
        return bool(pres[1]) - bool(pres[0])
    for a, b in itertools.zip_longest(*(pre.split(".") for pre in pres)):
        if a is None or b is None:
            return -1 if a is None else 1
        if a != b:
            if a.isdigit() and b.isdigit():
                return -1 if int(a) < int(b) else 1
            if a.isdigit() or b.isdigit():
                return -1 if a.isdigit() else 1
            return -1 if a.encode() < b.encode() else 1
    return 0


def compared(left, right):
    a, b = parse_version(left), parse_version(right)
    return (a > b) - (a < b)


@pytest.mark.parametrize(("left", "right"), list(itertools.combinations(ASCENDING, 2)))
def test_the_examples_of_the_specification_are_in_order(left, right):
    assert (compared(left, right), compared(right, left), compared(left, left)) == (-1, 1, 0)


@pytest.mark.parametrize("text", VALID)
def test_a_version_may_have_a_leading_v(text):
    assert parse_version(text) == parse_version(f"v{text}") is not None


@pytest.mark.parametrize("text", INVALID, ids=ascii)
def test_what_is_no_version(text):
    assert parse_version(text) is None


@given(versions, versions)
def test_precedence_is_that_of_the_specification(left, right):
    assert compared(left, right) == oracle(left, right) == -compared(right, left)


@given(versions, versions, versions)
def test_precedence_is_transitive(a, b, c):
    low, middle, high = sorted((a, b, c), key=parse_version)
    assert compared(low, middle) <= 0 >= compared(middle, high)
    assert compared(low, high) <= 0


@given(versions, st.sampled_from(["+1", "+build.7", "+a-b"]))
def test_build_metadata_is_ignored(text, build):
    assert compared(text, text + build) == 0


def test_short_versions_count_missing_numbers_as_zero():
    assert parse_version("v1") == parse_version("1.0") == parse_version("1.0.0")


@given(st.lists(st.one_of(versions, versions.map("v".__add__), st.sampled_from(["main", "v1.x", "1.0.0+b"]))))
def test_names_have_one_order_whatever_order_they_come_in(names):
    in_order, backwards = sorted(names, key=version_key), names[::-1]
    backwards.sort(key=version_key)
    assert in_order == backwards
    kinds = [parse_version(name) is None for name in in_order]
    assert kinds == sorted(kinds)


def test_names_that_are_no_versions_come_last_by_name():
    names = ["v10.0.0", "v2.0.0", "main", "v2.0.0-rc.10", "1.0", "v2.0.0-rc.9", "dev", "v2.0.0-rc", "v1.0.0+build"]
    expected = ["1.0", "v1.0.0+build", "v2.0.0-rc", "v2.0.0-rc.9", "v2.0.0-rc.10", "v2.0.0", "v10.0.0", "dev", "main"]
    assert sorted(names, key=version_key) == expected


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=2,<3", "2.0.0 2.9.9", "1.9.9 3.0.0 2.1.0-rc.1 3.0.0-rc.1"),
        (">=2 <3", "2.0.0 2.9.9", "1.9.9 3.0.0"),
        (">= v2 , < v3", "2.0.0 2.9.9", "1.9.9 3.0.0"),
        (">1", "2.0.0", "1.0.0 1.9.9"),
        (">1.2", "1.3.0", "1.2.0 1.2.9"),
        (">1.2.3", "1.2.4", "1.2.3 1.2.3+build 1.2.2"),
        ("<2", "1.9.9", "2.0.0 2.0.0-rc.1"),
        ("<=1", "1.9.9 0.1.0", "2.0.0"),
        ("<=1.2.3", "1.2.3 1.2.3+build", "1.2.4"),
        ("=1.2", "1.2.0 1.2.9", "1.3.0 1.1.9 1.3.0-0"),
        ("=1.2.0", "1.2.0 v1.2.0", "1.2.1"),
        ("!=1.3.0", "1.2.9 1.3.1", "1.3.0 1.3.0+build"),
        ("!=1.3", "1.2.9 1.4.0", "1.3.0 1.3.7"),
        (">=1,!=1.3.0,<2", "1.2.0 1.3.1", "1.3.0 2.0.0"),
        ("^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0 2.0.0-rc.1"),
        ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.2 0.0.4"),
        ("^0.0.3-beta", "0.0.3-beta 0.0.3-rc 0.0.3", "0.0.3-alpha 0.0.4"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^0", "0.0.0 0.9.0", "1.0.0"),
        ("~1.2", "1.2.0 1.2.9", "1.3.0"),
        ("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0"),
        ("~1", "1.0.0 1.9.0", "2.0.0"),
        (">=2.0.0-rc.1", "2.0.0-rc.1 2.0.0-rc.2 2.0.0 3.0.0", "2.0.0-beta 3.0.0-rc.1 1.0.0"),
        (">=2.0.0-rc.1,<3", "2.0.0-rc.1 2.0.0", "3.0.0-rc.1"),
        (">=3.0.0-rc.1,<3", "", "3.0.0-rc.1 3.0.0"),
        ("=2.0.0-rc.1", "2.0.0-rc.1", "2.0.0 2.0.0-rc.2"),
        ("!=2.0.0-rc.1", "2.0.0 1.0.0", "2.0.0-rc.1 2.0.0-rc.2"),
        (">=3,<2", "", "2.0.0 2.5.0 3.0.0"),
    ],
)
def test_what_a_range_admits(text, inside, outside):
    wanted = parse_range(text)
    for name in inside.split():
        assert wanted.admits(parse_version(name)), name
    for name in outside.split():
        assert not wanted.admits(parse_version(name)), name


@given(versions, versions)
def test_comparators_agree_with_precedence(limit, text):
    """With the limit's own pre-releases wanted, each comparator is the comparison that it is written like."""
    point, order = parse_version(text), oracle(text, limit)
    wanted = point.is_release or (point.core == parse_version(limit).core and "-" in limit)
    for sign, holds in (("<", order < 0), ("<=", order <= 0), (">", order > 0), (">=", order >= 0), ("=", order == 0)):
        assert parse_range(sign + limit).admits(point) == (wanted and holds), sign


BAD_RANGES = [">=", ">=x", ">= 2 3", "=>2", "^1.2.x", "~", ">=01.0.0", "!1", ">=2,", ">=2,,<3", ">=2<3", ">=1-rc"]
BAD_RANGES += [">=1.0.0-01", f">={'9' * 200}", "<" * 50, ">=2 || <1"]


@pytest.mark.parametrize("text", BAD_RANGES)
def test_a_malformed_range_is_refused_with_examples(text):
    with pytest.raises(DamoverError, match="is not a range of versions") as refusal:
        check_asked(text, "--revisions")
    assert refusal.value.faults[0].code is Code.REVISION_NAME
    assert ">=2,<3" in str(refusal.value)


def test_the_highest_release_is_taken_and_a_pre_release_only_when_named():
    names = ["v1.0.0", "v3.0.0-rc.1", "v2.0.0", "main", "v10-x", "2.1"]
    assert highest(names) == ("2.1",)
    assert highest(names, parse_range("<2.1.0")) == ("v2.0.0",)
    assert highest(names, parse_range(">=3.0.0-rc.1")) == ("v3.0.0-rc.1",)
    assert highest(names, parse_range(">=4")) == highest(["main"]) == ()


def test_a_bare_number_is_more_likely_a_date_than_a_release():
    assert highest(["v2.0.0", "20260131", "7"]) == ("v2.0.0",)
    assert highest(["v2", "20260131"], parse_range(">=1")) == ("v2",)


def test_names_of_equal_precedence_are_all_given():
    assert highest(["v1.0.0+cu", "1.0", "v1.0.0+cpu", "0.9"]) == ("1.0", "v1.0.0+cpu", "v1.0.0+cu")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("v1.0.0", ("v1.0.0",)),
        ("v1.0.0,v2.0.0", ("v1.0.0", "v2.0.0")),
        ("v1.0.0,>=2,<3", ("v1.0.0", ">=2,<3")),
        (" v1.0.0 , >=2 , <3 , main ", ("v1.0.0", ">=2,<3", "main")),
        (">=1,!=1.3.0,<2,>=2", (">=1,!=1.3.0,<2", ">=2")),
        ("v1,<3", ("v1", "<3")),
        ("<3,<2", ("<3,<2",)),
        ("^1.2,~1.2", ("^1.2", "~1.2")),
        ("v1,,v2", ("v1", "", "v2")),
        ("", ("",)),
    ],
)
def test_a_range_is_one_of_the_revisions(text, parts):
    assert split_revisions(text) == parts


@given(st.lists(st.sampled_from(["v1", "main", ">=2", "<3", "!=2.1.0", "^1"]), min_size=1))
def test_splitting_loses_nothing(pieces):
    assert ",".join(split_revisions(",".join(pieces))) == ",".join(pieces)


@pytest.mark.parametrize("name", ["v1", "latest", "a<b", "1>0", ""])
def test_a_name_is_no_range(name):
    assert not is_range(name)
