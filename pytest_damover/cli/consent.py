"""Consent: what loading a revision would run is shown, and a person's yes is recorded for its digest."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from pytest_damover.cli.output import say
from pytest_damover.cli.project import Project
from pytest_damover.domain.errors import Code, DamoverError, Fault
from pytest_damover.report.text import harmless

if TYPE_CHECKING:
    from pytest_damover.domain.revision import Revision
    from pytest_damover.lock import Consent

GIT_S = 10.0
MOST_CHARACTERS = 200


class Without(Enum):
    """Why no consent is recorded."""

    DECLINED = "declined"
    NOT_NEEDED = "not needed"


def obtain(project: Project, revision: Revision, by: str, *, asks: bool) -> Consent | Without:
    """Fetch the revision, show what loading it would run, and consent to it; with `asks` only after a yes."""
    from pytest_damover import anatomy
    from pytest_damover.lock import Consent

    words, safety = project.words, anatomy.safety_of(project.hub.fetch(revision), revision.files)
    if not safety.executes_code:
        say(f"    {words('consent.not_needed', kind=safety.kind.value)}")
        return Without.NOT_NEEDED
    say(f"    {words('consent.runs')}")
    for reason in safety.reasons:
        say(f"      {words.retell(str(reason))}")
    if asks and not _is_yes(f"    {words('consent.ask', tag=revision.tag, digest=revision.digest[:12])}"):
        say(f"    {words('consent.declined')}")
        return Without.DECLINED
    given = Consent(revision.digest, by, datetime.now(timezone.utc).isoformat(timespec="seconds"))
    say(f"    {words('consent.given', by=given.by, at=given.at)}")
    return given


def is_terminal() -> bool:
    """True when there is somebody to ask. Where there is not, `--consent` itself is the act: it was typed for that."""
    return sys.stdin is not None and sys.stdin.isatty()


def who(given: str | None, folder: Path) -> str:
    """Who consents: `--by`, else git's name and address, else the login name; `DamoverError` when nobody is known."""
    from pytest_damover.report.text import one_line

    name = one_line(_default(folder) if given is None else given)
    if name and len(name) <= MOST_CHARACTERS:
        return name
    allowed = f"a name of 1 to {MOST_CHARACTERS} characters"
    raise DamoverError(Fault(Code.CONSENT, "--by", f"{name[:40]!r}", allowed, "damover lock --consent NAME --by WHO"))


def _default(folder: Path) -> str:
    name, address = (_git(folder, key) for key in ("user.name", "user.email"))
    if name:
        return f"{name} <{address}>" if address else name
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return ""


def _git(folder: Path, key: str) -> str:
    git = which("git")
    if git is None:
        return ""
    try:
        command = [git, "-C", str(folder), "config", "--get", key]
        done = subprocess.run(command, capture_output=True, timeout=GIT_S, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def _is_yes(question: str) -> bool:
    try:
        return input(harmless(question)).strip().lower() in ("y", "yes")
    except EOFError:
        return False
