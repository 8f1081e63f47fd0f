"""What a run here would use, and what is missing or too old for it; nothing heavy is imported to find out."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib import metadata

from pytest_damover import hubs
from pytest_damover.domain.errors import DamoverError
from pytest_damover.settings import Settings

LEAST = (
    ("pytest", "8.4", "pip install -U pytest", True),
    ("pillow", "12.3", "pip install -U pillow: older ones have known holes in their decoders", True),
    ("torch", "2.10", "pip install -U torch: older ones can run code from weights loaded as weights only", False),
    ("modelscope", "1.40.2", "pip install 'pytest-damover[modelscope]'", False),
    (
        "modelscope-hub",
        "0.5.1",
        "pip install -U modelscope-hub: older ones take half a download for a whole one",
        False,
    ),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `advice` says what to do when it is not good."""

    name: str
    good: bool
    found: str
    advice: str = ""


def examine(settings: Settings) -> tuple[Check, ...]:
    """Python, the packages, the hub and the model."""
    real_models = settings.get("detector", "modelscope") == "modelscope"
    checks = [Check("python", sys.version_info >= (3, 10), sys.version.split()[0], "install Python 3.10 or newer")]
    checks += [_package(*row[:3]) for row in LEAST if row[3] or real_models]
    checks.append(_hub(settings))
    return tuple(checks)


def _package(name: str, least: str, advice: str) -> Check:
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(name, False, "not installed", advice)
    return Check(name, _numbers(found) >= _numbers(least), f"{found} (at least {least})", advice)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:3])


def _hub(settings: Settings) -> Check:
    spec, model = settings.get("hub", "modelscope"), settings.get("model", "")
    if not model:
        return Check("model", False, "none is set", "set damover_model = owner/name under [tool.pytest.ini_options]")
    try:
        names = [info.name for info in hubs.open_hub(spec, settings.project).list_revisions(model)]
    except DamoverError as error:
        return Check("hub", False, f"{spec}, {model}", str(error))
    return Check("hub", bool(names), f"{spec}, {model}: {', '.join(names)}", "no revision is there")
