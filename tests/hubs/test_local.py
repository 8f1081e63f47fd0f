import pytest

from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.semver import version_key
from pytest_damover.hubs import open_hub

MODEL = "demo/phone"


@pytest.fixture
def v1(local, tmp_path):
    """The resolved revision and its folder."""
    return local.resolve(MODEL, "v1"), tmp_path / "hub" / MODEL / "v1"


def tamper_extra(folder):
    (folder / "net" / "more.py").write_text("")


def tamper_missing(folder):
    (folder / "configuration.json").unlink()


def tamper_changed(folder):
    (folder / "net" / "weights.pt").write_bytes(b"weightS" * 100 + b"1")


def tamper_longer(folder):
    (folder / "configuration.json").write_bytes(b"{} ")


def tamper_linked(folder):
    (folder / "configuration.json").rename(folder.parent / "outside.json")
    (folder / "configuration.json").symlink_to(folder.parent / "outside.json")


def tamper_linked_folder(folder):
    (folder / "net").rename(folder.parent / "net")
    (folder / "net").symlink_to(folder.parent / "net", target_is_directory=True)


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (tamper_extra, r"net/more\.py does not belong"),
        (tamper_missing, r"configuration\.json is missing"),
        (tamper_changed, r"net/weights\.pt has SHA-256"),
        (tamper_longer, r"configuration\.json has 3 bytes instead of 2"),
        (tamper_linked, r"configuration\.json is not a regular file"),
        (tamper_linked_folder, r"net does not belong|net/weights\.pt is missing"),
    ],
)
def test_a_tampered_tree_is_refused_with_the_file_named(local, v1, tamper, named):
    revision, folder = v1
    tamper(folder)
    with pytest.raises(DamoverError, match=named) as refusal:
        local.fetch(revision)
    assert refusal.value.faults[0].code is Code.REVISION_TREE


def test_every_difference_is_named_at_once(local, v1):
    revision, folder = v1
    tamper_missing(folder)
    tamper_extra(folder)
    with pytest.raises(DamoverError) as refusal:
        local.fetch(revision)
    assert len(refusal.value.faults) == 2


def test_links_and_hidden_folders_are_no_revisions(local, tmp_path):
    model = tmp_path / "hub" / MODEL
    (model / "latest").symlink_to(model / "v2", target_is_directory=True)
    (model / ".cache").mkdir()
    assert [info.name for info in local.list_revisions(MODEL)] == ["v1", "v2"]


def test_an_empty_revision_is_refused(local, tmp_path):
    (tmp_path / "hub" / MODEL / "v3").mkdir()
    with pytest.raises(DamoverError, match="the folder is empty"):
        local.resolve(MODEL, "v3")


def test_a_link_cannot_be_resolved(local, v1):
    tamper_linked(v1[1])
    with pytest.raises(DamoverError, match=r"configuration\.json is not a regular file"):
        local.resolve(MODEL, "v1")


def test_one_tree_under_two_names_has_one_digest(local, tmp_path):
    v1, copy = tmp_path / "hub" / MODEL / "v1", tmp_path / "hub" / MODEL / "v1-copy"
    (copy / "net").mkdir(parents=True)
    for path in ("configuration.json", "net/weights.pt"):
        (copy / path).write_bytes((v1 / path).read_bytes())
    assert local.resolve(MODEL, "v1").digest == local.resolve(MODEL, "v1-copy").digest


@pytest.mark.usefixtures("local")
def test_another_place_is_relative_to_the_project(tmp_path):
    (tmp_path / "hub").rename(tmp_path / "models")
    hub = open_hub("local:models", tmp_path)
    assert (hub.name, len(hub.list_revisions(MODEL))) == ("local:models", 2)


def test_versions_are_ordered_as_numbers():
    names = ["v10.0.0", "v2.0.0", "main", "v2.0.0-rc.10", "1.0", "v2.0.0-rc.9", "v2.0.0-rc", "v1.0.0+build"]
    expected = ["1.0", "v1.0.0+build", "v2.0.0-rc", "v2.0.0-rc.9", "v2.0.0-rc.10", "v2.0.0", "v10.0.0", "main"]
    assert sorted(names, key=version_key) == expected
