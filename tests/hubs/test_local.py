import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.hubs import open_hub

MODEL = "demo/phone"


def test_links_and_hidden_folders_are_no_revisions(local, tmp_path):
    model = tmp_path / "hub" / MODEL
    (model / "latest").symlink_to(model / "v2", target_is_directory=True)
    (model / ".cache").mkdir()
    assert [info.name for info in local.list_revisions(MODEL)] == ["v1", "v2"]


def test_an_empty_revision_is_refused(local, tmp_path):
    (tmp_path / "hub" / MODEL / "v3").mkdir()
    with pytest.raises(DamoverError, match="the folder is empty"):
        local.resolve(MODEL, "v3")


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
