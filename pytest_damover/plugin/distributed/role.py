"""Which part of a run this process is, and what does not go with a run that is spread over several."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_damover.plugin.distributed.exchange import INPUT
from pytest_damover.plugin.gather import Role
from pytest_damover.plugin.options import Options

LOCAL = "popen"


def role_of(config: pytest.Config) -> Role:
    """A worker of xdist, its controller, or a process on its own."""
    if hasattr(config, "workerinput"):
        return Role.WORKER
    spread = config.getoption("dist", "no") != "no" and config.getoption("tx", None)
    return Role.CONTROLLER if spread and not config.option.collectonly else Role.ALONE


def refuse_what_does_not_go(config: pytest.Config, options: Options, role: Role) -> None:
    """Usage errors of a spread run, all in one."""
    if role is Role.WORKER and INPUT not in config.workerinput:  # type: ignore[attr-defined]
        raise pytest.UsageError("damover: this worker was started by a pytest that does not compare revisions")
    wrong = list(_wrong(config, options)) if role is Role.CONTROLLER else []
    if wrong:
        raise pytest.UsageError("\n".join(f"damover: {line}" for line in wrong))


def _wrong(config: pytest.Config, options: Options) -> Iterator[str]:
    dist = config.getoption("dist")
    if dist != "load":
        yield f"--dist={dist} does not go with --revisions, which hands items out by revision; leave it out: -n 2"
    for spec in config.getoption("tx"):
        if spec.partition("*")[2] != LOCAL and spec != LOCAL:
            yield f"--tx {spec}: only workers on this machine can be used; allowed: {LOCAL}, 2*{LOCAL}, or -n 2"
    if options.update_golden:
        yield "--damover-update-golden does not go with -n: one process writes goldens; leave -n out, or -n 0"
