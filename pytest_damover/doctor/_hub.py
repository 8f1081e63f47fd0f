"""The endpoint in force and where that setting comes from, then the model on that hub."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator

from pytest_damover import hubs
from pytest_damover.doctor._check import Check
from pytest_damover.domain.errors import DamoverError
from pytest_damover.settings import Settings

SECONDS = 5.0
_MOVE_ON = "check the network and the proxy; what is in the store runs without: damover_offline = true"


def checks(settings: Settings) -> Iterator[Check]:
    """The endpoint, where there is one, and the revisions of the model, unless it could not be asked."""
    name, _, place = settings.get("hub").partition(":")
    reachable = True
    if name == "modelscope":
        endpoint = _endpoint(place, settings.flag("offline"))
        yield endpoint
        reachable = endpoint.good and not settings.flag("offline")
    if not settings.get("model"):
        advice = "set damover_model = owner/name under [tool.pytest.ini_options]"
        yield Check("model", False, "none is set", advice)
    elif reachable:
        yield _model(settings)


def _endpoint(place: str, offline: bool) -> Check:
    from pytest_damover.hubs.modelscope import DEFAULT_ENDPOINT, check_endpoint

    variable = os.environ.get("MODELSCOPE_ENDPOINT", "").strip()
    source = "damover_hub" if place else "MODELSCOPE_ENDPOINT" if variable else "the default"
    try:
        endpoint = check_endpoint(place or variable or DEFAULT_ENDPOINT)
    except DamoverError as error:
        return Check("endpoint", False, f"from {source}", str(error))
    told = f"{endpoint}, from {source}"
    if offline:
        return Check("endpoint", True, f"{told}; not asked: damover_offline is set")
    why = _why_unreachable(endpoint)
    return Check("endpoint", not why, f"{told}; {why or 'it answers'}", _MOVE_ON)


class _NoOtherSite(urllib.request.HTTPRedirectHandler):
    """A redirection is an answer, and where it leads to is not asked."""

    def redirect_request(self, *_: object) -> None:
        return None


def _why_unreachable(endpoint: str) -> str:
    """Empty when anything answers there, whatever it says."""
    request = urllib.request.Request(endpoint, method="HEAD")
    try:
        with urllib.request.build_opener(_NoOtherSite).open(request, timeout=SECONDS):
            return ""
    except urllib.error.HTTPError as answer:
        return "" if answer.code < 500 else f"it answers {answer.code}"
    except urllib.error.URLError as error:
        return f"it does not answer ({error.reason})"
    except OSError as error:
        return f"it does not answer ({error})"


def _model(settings: Settings) -> Check:
    spec, model = settings.get("hub"), settings.get("model")
    try:
        names = [info.name for info in hubs.open_hub(spec, settings.project).list_revisions(model)]
    except DamoverError as error:
        return Check("hub", False, f"{spec}, {model}", str(error))
    return Check("hub", bool(names), f"{spec}, {model}: {', '.join(names)}", "no revision is there")
