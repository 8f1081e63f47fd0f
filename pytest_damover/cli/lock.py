"""`damover lock`: which bytes names mean today, and which bytes may run code, written into `revisions.lock`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_damover.cli import consent
from pytest_damover.cli.output import say
from pytest_damover.cli.project import SELECTORS, Project, add_hub_options, open_project
from pytest_damover.domain.errors import Code, DamoverError, Fault

if TYPE_CHECKING:
    from pytest_damover.domain.revision import Revision
    from pytest_damover.lock import Lock

DECLINED = 1


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "lock",
        help="write revisions.lock: which bytes these names mean today",
        description="Lock what these names mean today; what else is locked stays. Commit the file that is written.",
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help=SELECTORS)
    act = parser.add_mutually_exclusive_group()
    act.add_argument(
        "--consent",
        action="store_true",
        help="lock them, and record that their bytes may run code when they are loaded; asks on a terminal",
    )
    act.add_argument("--revoke", action="store_true", help="take the consent to their locked bytes back")
    act.add_argument("--remove", action="store_true", help="take them out of the lock, and their consent with them")
    parser.add_argument("--by", help="who consents (default: git's user.name and user.email, else the login name)")
    parser.add_argument("--yes", action="store_true", help="consent without being asked")
    add_hub_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if not options.consent and (options.by is not None or options.yes):
        raise DamoverError(Fault(Code.OPTION, "damover lock", "--by or --yes without --consent", "with --consent only"))
    project = open_project(options)
    before = project.lock()
    if options.remove:
        after = _remove(project, before, options.names)
    elif options.revoke:
        after = _revoke(project, before, options.names)
    else:
        return _lock(project, before, options)
    _write(project, after)
    return 0


def _lock(project: Project, before: Lock, options: argparse.Namespace) -> int:
    after, declined = before, 0
    who = consent.who(options.by, project.settings.project) if options.consent else ""
    for revision in project.resolve(options.names):
        _tell_change(project, before, revision)
        after = replace(after, revisions={**after.revisions, (revision.model, revision.tag): revision})
        if options.consent and revision.digest in after.consents:
            known = after.consents[revision.digest]
            say(f"    {project.words('consent.already', by=known.by, at=known.at)}")
        elif options.consent:
            given = consent.obtain(project, revision, who, asks=consent.is_terminal() and not options.yes)
            if isinstance(given, consent.Without):
                declined += given is consent.Without.DECLINED
            else:
                after = replace(after, consents={**after.consents, given.digest: given})
    _write(project, after)
    return DECLINED if declined else 0


def _tell_change(project: Project, before: Lock, revision: Revision) -> None:
    """Say whether it is new, unchanged or moved, and of one that moved every file that differs."""
    from pytest_damover.lock import differences
    from pytest_damover.report.numbers import file_size

    words, known = project.words, before.locked_as(revision)
    what = "new" if known is None else "unchanged" if known.digest == revision.digest else "changed"
    name = revision.tag if revision.requested == revision.tag else f"{revision.requested} = {revision.tag}"
    files = words("lock.files", n=len(revision.files), size=file_size(revision.size_bytes))
    say(words("lock.line", name=name, what=words(f"lock.{what}"), files=files, digest=revision.digest))
    if known is None:
        return
    if known.hub != revision.hub:
        say(f"    {words('lock.came', before=known.hub, now=revision.hub)}")
    if known.digest != revision.digest:
        say(f"    {words('lock.moved', model=revision.model, tag=revision.tag, digest=known.digest)}")
        for text in differences(known.files, revision.files):
            say(f"    {words.retell(text)}")


def _remove(project: Project, before: Lock, names: list[str]) -> Lock:
    keys = _locked_keys(project, before, names)
    for _, tag in keys:
        say(f"{tag}  {project.words('lock.removed')}")
    return replace(before, revisions={key: value for key, value in before.revisions.items() if key not in keys})


def _revoke(project: Project, before: Lock, names: list[str]) -> Lock:
    words, consents = project.words, dict(before.consents)
    for key in _locked_keys(project, before, names):
        taken = consents.pop(before.revisions[key].digest, None)
        told = words("lock.without") if taken is None else words("lock.revoked", by=taken.by, at=taken.at)
        say(f"{key[1]}  {told}")
    return replace(before, consents=consents)


def _locked_keys(project: Project, lock: Lock, names: list[str]) -> list[tuple[str, str]]:
    """The keys of these names in the lock; no hub is asked, for it may no longer have them."""
    keys = [(project.model, project.settings.aliases.get(name, name)) for name in dict.fromkeys(names)]
    have = ", ".join(tag for model, tag in lock.revisions if model == project.model) or "nothing is locked"
    faults = [
        Fault(Code.LOCK, project.lock_path.name, f"{model} {tag} is not locked", have)
        for model, tag in keys
        if (model, tag) not in lock.revisions
    ]
    if faults:
        raise DamoverError(*faults)
    return keys


def _write(project: Project, after: Lock) -> None:
    """Write the lock without the consents whose bytes are no longer locked under any name, and name those."""
    from pytest_damover.lock import write_lock

    digests = {revision.digest for revision in after.revisions.values()}
    for digest, given in after.consents.items():
        if digest not in digests:
            say(project.words("lock.gone", by=given.by, at=given.at, digest=digest[:12]))
    kept = {digest: given for digest, given in after.consents.items() if digest in digests}
    write_lock(project.lock_path, replace(after, consents=kept))
    say(project.lock_path)
