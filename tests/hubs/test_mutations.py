"""Each guard of the ModelScope adapter, taken out: T3's scenario must notice, else nothing proves the guard."""

import hashlib
import inspect
import itertools
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.revision import FileEntry, manifest_digest
from pytest_damover.hubs import _store, modelscope

MODEL, WEIGHTS = "demo/phone", "net/weights.pt"
ADAPTER, STORE = modelscope.__name__, _store.__name__
DOWNLOAD_REVISION = "                revision=revision.commit or revision.tag,\n"
MODEL_REVISION = DOWNLOAD_REVISION.replace("revision", "model_revision", 1)
GUARDED = "            guard(session, self._endpoint, NotSupportedError)\n"
LISTING = 'list_repo_files(model, "model", revision=commit_or_tag, recursive=True)'
# name -> module, what its source has, what the mutant has instead
MUTATIONS = {
    "the download is told no revision": (ADAPTER, DOWNLOAD_REVISION, ""),
    "the download is told model_revision=": (
        ADAPTER,
        DOWNLOAD_REVISION,
        DOWNLOAD_REVISION.replace("rev", "model_rev", 1),
    ),
    "the download is asked by tag": (ADAPTER, "revision=revision.commit or revision.tag", "revision=revision.tag"),
    "the listing is told no revision": (ADAPTER, LISTING, LISTING.replace("revision=commit_or_tag, ", "")),
    "the listing is told model_revision=": (ADAPTER, LISTING, LISTING.replace("revision=", "model_revision=")),
    "the listing is asked by tag": (ADAPTER, "self._files(model, commit or tag)", "self._files(model, tag)"),
    "the listing is always of master": (ADAPTER, "self._files(model, commit or tag)", 'self._files(model, "master")'),
    "the name is believed to be a tag": (ADAPTER, "if tag in (info.name, info.commit)", "if True"),
    "the manifest is not checked": (ADAPTER, "return check_manifest(sorted(", "return tuple(sorted("),
    "a missing SHA-256 is made up": (ADAPTER, "if not _SHA256.fullmatch(sha256):", "if False:"),
    "the client's own cache is used": (ADAPTER, "                local_dir=tree,\n", ""),
    "the endpoint is left to the client": (ADAPTER, "HubConfig(endpoint=self._endpoint, token", "HubConfig(token"),
    "redirects are not guarded": (
        ADAPTER,
        "            guard(session, self._endpoint, NotSupportedError)\n",
        "            pass\n",
    ),
    "the client asks where it is": (ADAPTER, '_cached_region = ""', '_cached_region_ = ""'),
    "staging is not verified": (STORE, "            verify(tree, revision.files, where)\n", "            pass\n"),
    "the store is not verified": (STORE, "return verify(home, revision.files, where)", "return home"),
    "the folder is filled in place": (STORE, "        os.rename(tree, home)", "        pass"),
    "the download goes to its final name": (STORE, "download(tree, staging", "download(home, staging"),
    "files stay writable": (STORE, "            path.chmod(0o444)\n", ""),
    "staging is believed": (STORE, "_is_whole(tree, wanted[relative])", "True"),
    "nobody waits for the lock": (STORE, "                lock.acquire(timeout=LOCK_POLL_S)\n", ""),
    "who waited downloads again": (STORE, "yield not os.path.lexists(home)", "yield True"),
}


def mutant(module_name, old, new):
    """`open_hub` of the adapter whose source, or whose store's source, has `new` for the one `old`."""
    spaces = {}
    for module in (_store, modelscope):
        source = inspect.getsource(module)
        if module.__name__ == module_name:
            assert source.count(old) == 1, f"{module_name} has {source.count(old)} times {old!r}: mend the table"
            source = source.replace(old, new)
        space = types.ModuleType(module.__name__)
        space.__file__ = module.__file__
        exec(compile(source, f"<{module.__name__}, mutated>", "exec"), space.__dict__)
        spaces[module.__name__] = space
    spaces[ADAPTER].Store, spaces[ADAPTER].store_fault = spaces[STORE].Store, spaces[STORE].store_fault
    return spaces[ADAPTER].open_hub


@pytest.fixture
def scenario(loopback, new_server, tmp_path, monkeypatch):
    """T3 as a function of `open_hub`: v1 and master differ by one byte; v1 is what must come, from one endpoint."""
    second = new_server()
    second.publish("tags", "v1", {"configuration.json": b"{}"})
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", second.endpoint)
    stores = (tmp_path / f"store{number}" for number in itertools.count())

    def fresh(open_hub):
        store = next(stores)
        return open_hub(loopback.endpoint, tmp_path, store), store

    def run(open_hub):
        the_bytes_of_v1_come_from_its_commit(loopback, *fresh(open_hub))
        a_bad_download_gets_no_name(loopback, *fresh(open_hub), monkeypatch)
        what_a_dead_process_left_is_not_believed(*fresh(open_hub))
        one_downloads_for_all(loopback, fresh(open_hub)[0])
        wrong_listings_are_refused(loopback, fresh(open_hub)[0])
        loopback.faults["list"] = f"redirect {second.endpoint}/api/v1/models/{MODEL}/revisions"
        refused(lambda: fresh(open_hub)[0].list_revisions(MODEL))
        assert second.requests == []

    return run


def refused(call):
    try:
        call()
    except DamoverError:
        return
    raise AssertionError("nothing was refused")


def the_bytes_of_v1_come_from_its_commit(server, hub, store):
    commit = server.tags["v1"]
    content = server.trees[commit]
    expected = [FileEntry(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in content.items()]
    revision = hub.resolve(MODEL, "v1")
    folder = hub.fetch(revision)
    assert (revision.commit, revision.digest) == (commit, manifest_digest(expected))
    assert folder == store / revision.digest
    assert {path: (folder / path).read_bytes() for path in content} == content
    asked = [path for path in server.requests if not path.endswith("/revisions")]
    assert len(asked) == 3
    assert all(f"Revision={commit}" in path for path in asked)
    assert not any(path.stat().st_mode & 0o222 for path in folder.rglob("*") if path.is_file())
    hub.fetch(revision)
    assert len(server.downloads()) == 2
    (folder / WEIGHTS).chmod(0o644)
    (folder / WEIGHTS).write_bytes(server.trees[server.branches["master"]][WEIGHTS])
    refused(lambda: hub.fetch(revision))


def a_bad_download_gets_no_name(server, hub, store, monkeypatch):
    from modelscope_hub import HubApi

    honest = HubApi.download_repo

    def lying(self, *arguments, local_dir, **options):
        honest(self, *arguments, local_dir=local_dir, **options)
        (local_dir / "damoyolo.py").write_bytes(b"")

    revision = hub.resolve(MODEL, "v1")
    server.faults[WEIGHTS] = "corrupted"
    refused(lambda: hub.fetch(revision))
    server.faults.clear()
    with monkeypatch.context() as patched:
        patched.setattr(HubApi, "download_repo", lying)
        refused(lambda: hub.fetch(revision))
    assert not (store / revision.digest).exists()


def what_a_dead_process_left_is_not_believed(hub, store):
    revision = hub.resolve(MODEL, "v1")
    tree = store / f".staging-{revision.digest}" / "tree"
    tree.mkdir(parents=True)
    (tree / "configuration.json").write_bytes(b"[]")
    assert (hub.fetch(revision) / "configuration.json").read_bytes() == b"{}"


def one_downloads_for_all(server, hub):
    revision, before = hub.resolve(MODEL, "v2"), len(server.downloads())
    with ThreadPoolExecutor(4) as pool:
        assert len({*pool.map(hub.fetch, [revision] * 4)}) == 1
    assert len(server.downloads()) == before + 2


def wrong_listings_are_refused(server, hub):
    refused(lambda: hub.resolve(MODEL, "v9"))
    server.publish("tags", "bad", {"../evil.py": b""})
    refused(lambda: hub.resolve(MODEL, "bad"))
    server.lists_sha256 = False
    refused(lambda: hub.resolve(MODEL, "v1"))
    server.lists_sha256 = True


def test_t3_the_adapter_as_it_is_passes(scenario):
    scenario(mutant(ADAPTER, "class ModelScopeHub:", "class ModelScopeHub:"))


@pytest.mark.parametrize("name", MUTATIONS)
def test_t3_the_adapter_without_a_guard_is_noticed(scenario, name):
    open_hub = mutant(*MUTATIONS[name])
    with pytest.raises((AssertionError, DamoverError, TypeError, OSError)) as noticed:
        scenario(open_hub)
    assert "mend the table" not in str(noticed.value)
