"""What an endpoint may send a client on to: files from other hosts, without the token and encrypted; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
_SECRET_HEADERS = ("Authorization", "Cookie")
_DOWNLOAD_PATH_END = "/repo"


def is_private(url: str) -> bool:
    """Whether nobody on the way can read or change what goes there: https, or http that stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)


def guard(session: Any, endpoint: str, refusal: Callable[[str], Exception]) -> None:
    """Make a `requests` session raise `refusal` for a redirect that must not be followed, and keep the token home.

    The client's own rules are not enough: its cookie with the token would go to every subdomain of the endpoint.
    Bytes of files may come from anywhere, for their SHA-256 is known; what the endpoint says, only it may say.
    """
    follow = session.rebuild_auth

    def rebuild_auth(prepared: Any, response: Any) -> None:
        follow(prepared, response)
        came_from, goes_to = response.request.url, prepared.url
        if not is_private(goes_to):
            raise refusal(f"the endpoint sends on to {_origin(goes_to)}, which is not https")
        if _origin(goes_to) == _origin(endpoint):
            return
        if _origin(came_from) == _origin(endpoint) and not urlsplit(came_from).path.endswith(_DOWNLOAD_PATH_END):
            raise refusal(f"the endpoint leaves the answer to {_origin(goes_to)}: name that endpoint if you trust it")
        for header in _SECRET_HEADERS:
            prepared.headers.pop(header, None)

    session.rebuild_auth = rebuild_auth


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"
