"""ModelScope through its real client: one explicit endpoint, own staging, every file verified before it has a name.

The client is told the revision as `revision=`, which its download and listing functions declare. (The pipeline does
not: there `revision=` vanishes in `**kwargs` and `master` is loaded; we hand it a verified folder and no name at all.)
"""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.domain.revision import FileEntry, Revision, check_name
from pytest_damover.domain.semver import version_key
from pytest_damover.hubs import RevisionInfo, UnreachableError, check_model, unknown_model, unknown_revision
from pytest_damover.hubs._progress import shown
from pytest_damover.hubs._redirects import guard, is_private
from pytest_damover.hubs._store import Store, store_fault
from pytest_damover.hubs._tree import check_manifest

DEFAULT_ENDPOINT = "https://www.modelscope.cn"
CONNECT_RETRIES = 2
_DOWNLOADING = threading.Lock()
_LOCAL_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ModelScopeHub:
    """Models of one endpoint; downloads are kept in `store/<digest>`, which is used offline from then on."""

    def __init__(self, endpoint: str, store: Path) -> None:
        self._endpoint = check_endpoint(endpoint)
        self._store = Store(store)
        self.name = f"modelscope:{self._endpoint}"

    def list_revisions(self, model: str) -> tuple[RevisionInfo, ...]:
        """Tags in version order, then branches, as the endpoint lists them."""
        try:
            with self._faults(check_model(model)):
                branches, tags = self._client.legacy.list_revisions_detail(model, "model")
                return (*_infos(tags, "tag"), *_infos(branches, "branch"))
        except _NotThereError:
            next_step = "set damover_model or damover_hub; a private model needs MODELSCOPE_API_TOKEN"
            raise unknown_model(model, self.name, "a model of that endpoint", next_step) from None

    def resolve(self, model: str, tag: str, name: str | None = None) -> Revision:
        """Ask for the commit behind `tag` (a tag, a branch or a full commit id), then for the files of that commit."""
        check_name(tag, "revision")
        listed = self.list_revisions(model)
        info = next((info for info in listed if tag in (info.name, info.commit)), None)
        if info is None and not _COMMIT.fullmatch(tag):
            raise unknown_revision(model, tag, self.name, listed)
        commit = tag if info is None else info.commit
        try:
            files = self._files(model, commit or tag)
        except _NotThereError:
            if info is None or commit is None:
                raise unknown_revision(model, tag, self.name, listed) from None
            # some hubs list commits that they do not serve; the digests still tell a moved tag from an unmoved one
            commit, files = None, self._files(model, info.name)
        return Revision(name or tag, tag, model, self.name, commit, files)

    def holds(self, revision: Revision) -> bool:
        """True when the store has a folder of its digest."""
        return self._store.holds(revision)

    def fetch(self, revision: Revision) -> Path:
        """The verified folder `store/<digest>`; the network is used only when it is not there yet."""
        return self._store.fetch(revision, partial(self._download, revision))

    def _download(self, revision: Revision, tree: Path, scratch: Path, whole: frozenset[str]) -> None:
        """Put the files that are not `whole` yet below `tree`; the client continues partial ones where it can."""
        missing = [entry for entry in revision.files if entry.path not in whole]
        missing_bytes = sum(entry.size_bytes for entry in missing)
        where = f"{revision.model} {revision.tag}"
        files = len(whole), len(revision.files)
        size_bytes = revision.size_bytes - missing_bytes, revision.size_bytes
        with _DOWNLOADING, self._faults(where), shown(where, files, size_bytes) as callbacks, _quiet():
            self._client.download_repo(
                revision.model,
                "model",
                revision=revision.commit or revision.tag,
                local_dir=tree,
                cache_dir=scratch,
                file_list=[{"Path": f.path, "Size": f.size_bytes, "Sha256": f.sha256} for f in missing],
                progress_callbacks=callbacks,
            )

    def _files(self, model: str, commit_or_tag: str) -> tuple[FileEntry, ...]:
        where = f"{model} {commit_or_tag}"
        with self._faults(where):
            legacy = self._client.legacy
            entries = legacy.list_repo_files(model, "model", revision=commit_or_tag, recursive=True)
            if getattr(getattr(legacy, "_read_state", None), "listing_incomplete", False):
                raise ValueError("the endpoint lists only a part of the files")
            blobs = [entry for entry in entries if entry.get("Type") != "tree"]
            if not blobs:
                raise ValueError("the endpoint lists no file")
            return check_manifest(sorted(_file_entry(entry) for entry in blobs), where)

    @cached_property
    def _client(self) -> Any:
        try:
            from modelscope_hub import HubApi
            from modelscope_hub.config import HubConfig
            from modelscope_hub.errors import NotSupportedError
        except ImportError as error:
            found = f"the ModelScope client cannot be imported ({error})"
            next_step = "pip install 'pytest-damover[modelscope]'"
            raise DamoverError(Fault(Code.HUB, self.name, found, "modelscope-hub 0.5.1 or later", next_step)) from error
        found = HubConfig(endpoint=self._endpoint)
        own = self._store.root / ".client"  # never the cache that other programs share, nor a file in the user's home
        api = HubApi(HubConfig(endpoint=self._endpoint, token=found.token, cache_dir=own, config_dir=own))
        for session in (api.legacy._session, api.legacy._read_session):
            guard(session, self._endpoint, NotSupportedError)
            adapter = session.get_adapter(self._endpoint)  # without a network the client would wait for 15 s, each time
            adapter.max_retries = adapter.max_retries.new(connect=CONNECT_RETRIES)
        api.downloader._cached_region = ""  # known: it would ask a second address where in the cloud it is
        return api

    @contextlib.contextmanager
    def _faults(self, where: str) -> Iterator[None]:
        """Turn what the client raises into a fault that shows neither the token nor a signed address."""
        client = self._client
        from modelscope_hub.errors import HubError, NotExistError

        try:
            yield
        except DamoverError:
            raise
        except NotExistError as error:
            raise _NotThereError(self._fault(where, client, error)) from None
        except (HubError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._error(where, client, error) from None

    def _error(self, where: str, client: Any, error: Exception) -> DamoverError:
        """What an exception of the client means: the store, the way to the hub or the hub's answer is at fault."""
        from modelscope_hub.errors import ServerError

        causes = tuple((getattr(error, "failed_files", None) or {"": error}).values())
        local = next((cause for cause in causes if isinstance(cause, OSError) and cause.errno in _LOCAL_ERRORS), None)
        if local is not None:
            return DamoverError(store_fault(self._store.root, local))
        unreachable = all(isinstance(cause, (*_network_errors(), ServerError)) for cause in causes)
        if unreachable:
            next_step = "look at the network and at damover_hub, and try again: what was loaded is kept"
            return UnreachableError(self._fault(where, client, error, next_step))
        return DamoverError(self._fault(where, client, error))

    def _fault(self, where: str, client: Any, error: BaseException, next_step: str = "") -> Fault:
        failed = getattr(error, "failed_files", None) or {}
        details = "; ".join(f"{path}: {cause}" for path, cause in failed.items()) or f"{type(error).__name__}: {error}"
        details = re.sub(r"\?\S+", "?…", details)
        token = client._config.token
        text = details.replace(token, "…") if token else details
        next_step = next_step or "try again, or check damover_model and the endpoint"
        return Fault(Code.HUB, f"{self.name} {where}", text, next_step=next_step)


class _NotThereError(DamoverError):
    """The endpoint answers that it has no such model, revision or file."""


def open_hub(place: str, project_root: Path, store: Path | None = None) -> ModelScopeHub:
    """The hub at `place`, else at `MODELSCOPE_ENDPOINT`, else at www.modelscope.cn; no other site is ever asked."""
    del project_root
    endpoint = place or os.environ.get("MODELSCOPE_ENDPOINT", "").strip() or DEFAULT_ENDPOINT
    return ModelScopeHub(endpoint, store or default_store())


def default_store() -> Path:
    """Where verified downloads are kept: `pytest-damover/models` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(cache) if cache else Path.home() / ".cache") / "pytest-damover" / "models"


def check_endpoint(endpoint: str) -> str:
    """Return `endpoint` without a trailing slash when it is https (or http on loopback), else raise."""
    parts = urlsplit(endpoint)
    if (
        is_private(endpoint)
        and parts.hostname
        and not (parts.username or parts.password or parts.query or parts.fragment)
    ):
        return endpoint.rstrip("/")
    shown = f"{parts.scheme}://{parts.hostname}" if parts.scheme and parts.hostname else repr(endpoint)
    allowed = "https://HOST; http only for loopback; no password or query in it"
    raise DamoverError(Fault(Code.HUB, "hub endpoint", f"{shown} is not accepted", allowed, "set damover_hub"))


def _network_errors() -> tuple[type[Exception], ...]:
    import requests

    return ConnectionError, TimeoutError, requests.ConnectionError, requests.Timeout


def _infos(entries: list[dict[str, Any]], kind: Literal["tag", "branch"]) -> list[RevisionInfo]:
    infos = [
        RevisionInfo(
            str(entry["Revision"]),
            kind,
            entry.get("CommitId") or None,
            _iso(entry.get("CreatedAt")),
            str(entry.get("Message") or ""),
        )
        for entry in entries
    ]
    return sorted(infos, key=lambda info: version_key(info.name))


def _iso(seconds: object) -> str | None:
    if not isinstance(seconds, (int, float)) or seconds <= 0:
        return str(seconds) if seconds else None
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat()


def _file_entry(entry: dict[str, Any]) -> FileEntry:
    path, size_bytes = str(entry.get("Path") or entry.get("Name") or ""), int(entry["Size"])
    sha256 = str(entry.get("Sha256") or "").lower()
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"the endpoint gives no SHA-256 for {path!r}")
    if size_bytes < 0:
        raise ValueError(f"the endpoint gives {size_bytes} bytes for {path!r}")
    return FileEntry(path, size_bytes, sha256)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the client's bars and log lines to itself; what fails comes back as a fault."""
    logger = logging.getLogger("modelscope_hub")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)
