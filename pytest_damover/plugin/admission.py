"""What a revision must pass before anything of it is loaded: its bytes, what they may run, and somebody's consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_damover import anatomy, detectors, hubs, lock
from pytest_damover.anatomy import Anatomy
from pytest_damover.domain.anatomy import Difference
from pytest_damover.domain.errors import DamoverError, Fault
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.safety import Safety
from pytest_damover.hubs import Hub


class Admissions:
    """Fetches, hashes and reads revisions, and lets in those that execute nothing, or whose code was consented to."""

    def __init__(self, hub: Hub, lock_file: Path, detector: str) -> None:
        self._hub = hub
        self._lock_file = lock_file
        self._runs_code = detectors.runs_code(detector)
        self._read: dict[str, Anatomy] = {}
        self._consents: dict[str, str] = {}
        self._folders: dict[str, Path] = {}
        self._used: dict[str, tuple[Revision, Path]] = {}

    def admit(self, revisions: Sequence[Revision]) -> None:
        """Let all of `revisions` in, or raise `DamoverError` with everything that speaks against any of them."""
        faults: list[Fault] = []
        for revision in revisions:
            try:
                if revision.digest not in self._read:
                    folder = self._hub.fetch(revision)
                    self._read[revision.digest] = anatomy.examine(folder, revision.files)
                    self._folders[revision.digest] = folder
            except DamoverError as error:
                faults.extend(error.faults)
        if faults:
            raise DamoverError(*faults)
        if self._runs_code:
            asked = [(revision, self._read[revision.digest].safety) for revision in revisions]
            for digest, consent in lock.check_consent(self._lock_file, asked).items():
                self._consents[digest] = f"{consent.by}, {consent.at}"

    def folder(self, revision: Revision) -> Path:
        """The folder to load an admitted revision from, its files hashed once more just now."""
        if revision.digest not in self._read:
            self.admit([revision])
        folder = self._hub.fetch(revision)
        self._used[revision.name] = revision, folder
        return folder

    def loaded_elsewhere(self, revision: Revision) -> None:
        """Another process of this run loaded a revision: if it was admitted here, `look_again` is to look at it too."""
        if revision.digest in self._folders:
            self._used.setdefault(revision.name, (revision, self._folders[revision.digest]))

    def safety(self, revisions: Sequence[Revision]) -> Mapping[str, Safety]:
        """What loading the admitted `revisions` may run, by name; nothing of a detector that runs no code."""
        if not self._runs_code:
            return {}
        return {revision.name: self._read[revision.digest].safety for revision in revisions}

    def consents(self, revisions: Sequence[Revision]) -> Mapping[str, str]:
        """Who consented to the code of the admitted `revisions`, and when, by name."""
        given = {revision.name: self._consents.get(revision.digest) for revision in revisions}
        return {name: consent for name, consent in given.items() if consent is not None}

    def differences(self, baseline: Revision | None, candidates: Sequence[Revision]) -> Mapping[str, Difference]:
        """In what each admitted candidate's files differ from the baseline's, by name."""
        if baseline is None or not candidates:
            return {}
        before = self._read[baseline.digest]
        return {one.name: anatomy.compare(before, self._read[one.digest]) for one in candidates}

    def look_again(self) -> Mapping[str, tuple[str, ...]]:
        """What is no longer as it was in the files of every revision that was loaded, by name; nothing is fetched."""
        seen: dict[str, tuple[str, ...]] = {}
        for name, (revision, folder) in self._used.items():
            try:
                hubs.verify(folder, revision)
                seen[name] = ()
            except (DamoverError, OSError) as error:
                faults = error.faults if isinstance(error, DamoverError) else ()
                seen[name] = tuple(fault.found for fault in faults) or (str(error),)
        return seen
