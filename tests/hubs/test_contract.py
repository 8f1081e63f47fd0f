"""What every hub must do; a new module in the folder is found here and needs a fixture of its own to pass."""

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

from pytest_damover import hubs
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.revision import Revision

MODEL = "demo/phone"
FIXTURES = {"local": "local", "modelscope": "remote"}


@pytest.fixture(params=hubs.names())
def hub(request):
    assert request.param in FIXTURES, f"add a fixture that opens {request.param!r} with v1 and v2 of {MODEL}"
    return request.getfixturevalue(FIXTURES[request.param])


def test_lists_tags_in_version_order(hub):
    assert [info.name for info in hub.list_revisions(MODEL) if info.kind == "tag"] == ["v1", "v2"]


def test_resolves_to_the_whole_manifest(hub):
    revision = hub.resolve(MODEL, "v1", name="the-old-one")
    assert (revision.name, revision.tag, revision.model) == ("the-old-one", "v1", MODEL)
    assert [(f.path, f.size_bytes) for f in revision.files] == [("configuration.json", 2), ("net/weights.pt", 701)]
    assert Revision.from_json(revision.to_json()) == revision


def test_all_hubs_agree_on_the_digest(local, remote):
    assert local.resolve(MODEL, "v1").digest == remote.resolve(MODEL, "v1").digest


def test_fetches_the_revision_that_was_asked_for(hub):
    for tag in ("v1", "v2"):
        folder = hub.fetch(hub.resolve(MODEL, tag))
        assert (folder / "net" / "weights.pt").read_bytes()[-1:] == tag[-1:].encode()


def test_unknown_revision_lists_what_exists(hub):
    with pytest.raises(DamoverError, match=r"v9\.9\.9.*\n.*v1, v2") as refusal:
        hub.resolve(MODEL, "v9.9.9")
    assert refusal.value.faults[0].code is Code.REVISION_UNKNOWN


@pytest.mark.parametrize("name", ["../v1", "-v1", "", "v1 ", "/v1", "a" * 129])
def test_b10_bad_revision_names_are_refused(hub, name):
    with pytest.raises(DamoverError) as refusal:
        hub.resolve(MODEL, name)
    assert refusal.value.faults[0].code is Code.REVISION_NAME


@pytest.mark.parametrize("model", ["phone", "../phone", "demo/..", "demo/phone/x", "/demo/phone", ""])
def test_bad_model_ids_are_refused(hub, model):
    with pytest.raises(DamoverError, match="not a model id"):
        hub.list_revisions(model)


def test_a_model_that_is_not_there_is_refused(hub):
    with pytest.raises(DamoverError) as refusal:
        hub.list_revisions("demo/tablet")
    assert refusal.value.faults[0].code is Code.REVISION_UNKNOWN


@pytest.mark.parametrize("method", ["list_revisions", "resolve", "fetch"])
def test_t2_unknown_keywords_are_refused(hub, method):
    parameters = inspect.signature(getattr(hub, method)).parameters.values()
    assert not [p for p in parameters if p.kind is p.VAR_KEYWORD]
    with pytest.raises(TypeError, match="revisoin"):
        getattr(hub, method)(MODEL, revisoin="v1")


@pytest.mark.parametrize("name", hubs.names())
def test_every_module_opens_a_hub(name):
    parameters = list(inspect.signature(import_module(f"pytest_damover.hubs.{name}").open_hub).parameters)
    assert parameters == ["place", "project_root", "store"]


def test_unknown_hubs_are_refused(tmp_path):
    with pytest.raises(DamoverError, match="local, local:PLACE, modelscope"):
        hubs.open_hub("huggingface", tmp_path)


def test_t1_each_client_and_framework_has_one_home():
    """modelscope and torch are imported by the ModelScope detector alone, the hub's client by the ModelScope hub."""
    package = Path(hubs.__file__).parents[1]
    homes = {"modelscope": "detectors", "torch": "detectors", "modelscope_hub": "hubs"}
    imported = {
        (name.partition(".")[0], path.relative_to(package).parts[0])
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _imported(node)
    }
    assert {(name, home) for name, home in imported if name in homes} == set(homes.items())


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
