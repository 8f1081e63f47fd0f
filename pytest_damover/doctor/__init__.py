"""What a run here would use, and what is missing or unsafe; nothing heavy is imported to find out."""

from __future__ import annotations

from pytest_damover.doctor._check import Check
from pytest_damover.settings import Settings

__all__ = ["Check", "examine"]


def examine(settings: Settings) -> tuple[Check, ...]:
    """Python and packages, device, hub and store, lock, confinement; recorded detectors need fewer and get fewer.

    No model is loaded and no site is asked but the endpoint in force.
    """
    from pytest_damover.doctor import _confinement, _device, _hub, _lock, _packages, _store

    runs_models = settings.get("detector") == "modelscope"
    downloads = settings.get("hub").partition(":")[0] == "modelscope"
    checks = list(_packages.checks(runs_models))
    if runs_models:
        checks.append(_device.check(settings))
    checks += _hub.checks(settings)
    if downloads:
        checks += _store.checks()
    checks += _lock.checks(settings)
    if runs_models:
        checks += _confinement.checks()
    return tuple(checks)
