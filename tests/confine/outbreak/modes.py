"""Systems that offer less, so that less of the confinement is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pytest_damover.confine import _denied, _kernel, _landlock, _seccomp

SECONDS = 20


def as_in_a_container() -> None:
    """An outer filter refuses namespaces, as those of container runtimes do."""
    _kernel.prctl(_kernel.PR_SET_NO_NEW_PRIVS, 1)
    assert _seccomp.restrict((("unshare", _denied.Only(0, ())),)).works


def landlock_version(abi: int) -> Callable[[], None]:
    return lambda: setattr(_landlock, "version", lambda: abi)


MODES: dict[str, Callable[[], object]] = {
    "confined": lambda: None,
    "gpu": lambda: None,
    "container": as_in_a_container,
    "landlock-1": landlock_version(1),
    "landlock-3": landlock_version(3),
    "landlock-4": landlock_version(4),
    "no-landlock": landlock_version(0),
    "no-seccomp": lambda: setattr(_seccomp, "ARCHITECTURES", {}),
    "threads": lambda: threading.Thread(target=time.sleep, args=(SECONDS,), daemon=True).start(),
}
