"""What a word for a revision means: `hubs.resolve` with aliases, `latest`, `current`, ranges, branches and commits."""

import pytest

from pytest_damover import hubs
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import Revision
from pytest_damover.hubs import RevisionInfo

MODEL = "demo/phone"
TAGS = ("v1.0.0", "v1.2.0", "v2.0.0", "v2.1.0", "v3.0.0-rc.1", "nightly")


class ListedHub:
    """A hub of names only: `tags` and `branches` are name -> commit (None: the hub gives none)."""

    name = "listed"

    def __init__(self, tags, branches):
        self.tags, self.branches, self.asked = tags, branches, []

    def list_revisions(self, model):
        assert model == MODEL
        tags = [RevisionInfo(name, "tag", commit) for name, commit in self.tags.items()]
        return (*tags, *(RevisionInfo(name, "branch", commit) for name, commit in self.branches.items()))

    def resolve(self, model, tag, name=None):
        self.asked.append(tag)
        commit = {**self.branches, **self.tags}.get(tag)
        return Revision(name or tag, tag, model, self.name, commit, ())

    def fetch(self, revision):
        raise NotImplementedError(revision)


@pytest.fixture
def hub():
    return ListedHub({tag: f"commit of {tag}" for tag in TAGS}, {"master": "commit of master"})


def refused(hub, asked, aliases=()):
    with pytest.raises(DamoverError) as refusal:
        hubs.resolve(hub, MODEL, asked, dict(aliases))
    assert hub.asked == []
    return refusal.value.faults[0]


@pytest.mark.parametrize(
    ("asked", "name", "tag"),
    [
        ("v1.0.0", "v1.0.0", "v1.0.0"),
        ("stable", "stable", "v2.0.0"),
        ("latest", "v2.1.0", "v2.1.0"),
        ("current", "v1.2.0", "v1.2.0"),
        (">=2,<3", "v2.1.0", "v2.1.0"),
        ("^1.0", "v1.2.0", "v1.2.0"),
        (">=3.0.0-rc.0", "v3.0.0-rc.1", "v3.0.0-rc.1"),
        ("master", "master", "master"),
        ("nightly", "nightly", "nightly"),
        ("0123abc", "0123abc", "0123abc"),
    ],
)
def test_what_a_word_means(hub, asked, name, tag):
    revision = hubs.resolve(hub, MODEL, asked, {"stable": "v2.0.0", "current": "v1.2.0"})
    assert (revision.requested, revision.name, revision.tag) == (asked, name, tag)
    assert hub.asked == [tag]
    assert Revision.from_json(revision.to_json()) == revision


def test_a_revision_of_an_older_run_was_asked_for_by_its_name():
    data = Revision("stable", "v2", MODEL, "listed", None, ()).to_json()
    del data["requested"]
    assert Revision.from_json(data).requested == "stable"


@pytest.mark.parametrize("asked", [">=4", "<1", "=1.1.0", ">=3,<2"])
def test_a_range_that_nothing_matches_lists_what_exists(hub, asked):
    fault = refused(hub, asked)
    assert fault.code is Code.REVISION_UNKNOWN
    assert fault.allowed == ", ".join(TAGS)


def test_latest_without_a_release_lists_what_exists(hub):
    hub.tags = {"v3.0.0-rc.1": "c"}
    fault = refused(hub, "latest")
    assert (fault.code, fault.allowed) == (Code.REVISION_UNKNOWN, "v3.0.0-rc.1")


def test_current_without_an_alias_says_that_there_is_no_ledger(hub):
    fault = refused(hub, "current")
    assert fault.code is Code.REVISION_UNKNOWN
    assert "no ledger" in fault.found
    assert "damover_aliases" in fault.next_step


@pytest.mark.parametrize("kind", ["tags", "branches"])
def test_a_real_name_latest_is_not_shadowed_in_silence(hub, kind):
    getattr(hub, kind)["latest"] = "another commit"
    fault = refused(hub, "latest")
    assert fault.code is Code.REVISION_NAME
    assert "v2.1.0" in fault.found
    assert hubs.resolve(hub, MODEL, "hub-latest", {"hub-latest": "latest"}).tag == "latest"


def test_a_real_name_latest_that_is_the_highest_release_is_no_question(hub):
    hub.tags["latest"] = hub.tags["v2.1.0"]
    assert hubs.resolve(hub, MODEL, "latest", {}).name == "v2.1.0"


def test_a_real_name_latest_counts_where_there_is_no_release(hub):
    hub.tags = {"latest": "c"}
    assert hubs.resolve(hub, MODEL, "latest", {}).tag == "latest"


def test_a_real_name_current_counts_where_there_is_no_alias(hub):
    hub.branches["current"] = "c"
    assert hubs.resolve(hub, MODEL, "current", {}).tag == "current"
    hub.asked.clear()
    assert refused(hub, "current", {"current": "v1.0.0"}).code is Code.REVISION_NAME


def test_an_alias_does_not_hide_a_name_of_the_hub(hub):
    fault = refused(hub, "v1.0.0", {"v1.0.0": "v2.0.0"})
    assert fault.code is Code.REVISION_NAME
    assert hubs.resolve(hub, MODEL, "v1.0.0", {"v1.0.0": "v1.0.0"}).tag == "v1.0.0"


def test_a_tag_and_a_branch_of_one_name_must_be_one_commit(hub):
    hub.branches["v1.0.0"] = "another commit"
    fault = refused(hub, "v1.0.0")
    assert fault.code is Code.REVISION_NAME
    assert "another commit" in fault.found
    hub.branches["v1.0.0"] = hub.tags["v1.0.0"]
    assert hubs.resolve(hub, MODEL, "v1.0.0", {}).tag == "v1.0.0"


def test_two_tags_of_equal_precedence_must_be_one_commit(hub):
    hub.tags |= {"v2.1.0+cpu": "another commit"}
    fault = refused(hub, "latest")
    assert fault.code is Code.REVISION_NAME
    assert "v2.1.0 and v2.1.0+cpu" in fault.found
    hub.tags["v2.1.0+cpu"] = hub.tags["v2.1.0"]
    assert hubs.resolve(hub, MODEL, ">=2,<3", {}).tag == "v2.1.0"


B10_BAD = [
    "../../x",
    "a/../b",
    "..",
    "-v1",
    "",
    "v1 ",
    " v1",
    "/v1",
    "a" * 129,
    "v1\n",
    "v1\0",
    "夜",
    "v1;rm",
    "v1*",
    "a\\b",
]


@pytest.mark.parametrize("asked", B10_BAD, ids=ascii)
def test_b10_a_bad_name_is_refused_before_the_hub_is_asked(asked):
    fault = refused(ListedHub({asked: "c"}, {}), asked)
    assert fault.code is Code.REVISION_NAME


@pytest.mark.parametrize("asked", ["a", "a" * 128, "A.b_c/d-e", "_x", ".hidden", "v1.0.0"])
def test_b10_a_legal_name_is_taken(asked):
    assert hubs.resolve(ListedHub({asked: "c"}, {}), MODEL, asked, {}).tag == asked


def test_both_hubs_answer_to_words(local, remote):
    for hub in (local, remote):
        revision = hubs.resolve(hub, MODEL, "latest", {})
        assert (revision.requested, revision.name) == ("latest", "v2")
        assert revision.digest == hubs.resolve(hub, MODEL, "^2", {}).digest
