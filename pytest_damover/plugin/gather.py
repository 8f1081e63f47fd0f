"""The state of one comparing pytest run: what was found, what is planned, what has become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import pytest

from pytest_damover import lock
from pytest_damover.domain.case import Severity
from pytest_damover.domain.comparing.tolerance import allowance
from pytest_damover.domain.comparing.waived_cases import Waived
from pytest_damover.domain.golden_result import GoldenResult
from pytest_damover.domain.journal import Finished, ItemOutcome
from pytest_damover.domain.policy import Policy, policy_from_data
from pytest_damover.domain.run import PlanItem
from pytest_damover.plugin.admission import Admissions
from pytest_damover.plugin.goldens import Goldens
from pytest_damover.plugin.lineup import Lineup
from pytest_damover.plugin.lookahead import Lookahead
from pytest_damover.plugin.models import Models
from pytest_damover.plugin.options import Options
from pytest_damover.plugin.shelf import Shelf
from pytest_damover.store import JournalWriter, RunFolder
from pytest_damover.suites import FOLDER, PolicyFile, Suite

KEY = pytest.StashKey["Gather"]()


class Role(Enum):
    """What this process does in the run: everything, or with `-n` everything but the items, or only items."""

    ALONE = "alone"
    CONTROLLER = "controller"
    WORKER = "worker"


class Records(Protocol):
    """Where it is written down what items do: the journal, or in a worker what is sent to the journal's owner."""

    def start(self, item: str) -> None: ...
    def load(self, revision: str, facts: Mapping[str, Any]) -> None: ...
    def finish(self, finished: Finished) -> None: ...


@dataclass
class Gather:
    """Everything a hook of ours needs; kept under `KEY` in `config.stash`.

    `raced` are the cases whose images a race uses, each with its revision, `detected` what was found in them.
    `goldens_asked` are the goldens of the items that asked for some. `folder` and `journal` are there from the moment
    the plan is written until the run has ended. `failed_outside` are failed tests that no plan knows of; `completed`
    says that the loop over the items came to its end; `broke_off` says in words what broke into it though it did.
    `relay` is there in a worker, in place of the journal; `workers` is how many there are, 1 in a run without.
    """

    options: Options
    lineup: Lineup
    suites: dict[str, Suite] = field(default_factory=dict)
    policies: dict[str, PolicyFile] = field(default_factory=dict)
    collected: list[pytest.Item] = field(default_factory=list)
    collection_errors: list[tuple[str, str]] = field(default_factory=list)
    collection_skips: list[str] = field(default_factory=list)
    failed_outside: list[str] = field(default_factory=list)
    completed: bool = False
    broke_off: str = ""
    planned: dict[str, PlanItem] = field(default_factory=dict)
    outcomes: dict[tuple[str, str, str, str], ItemOutcome] = field(default_factory=dict)
    goldens_asked: dict[PlanItem, tuple[GoldenResult, ...]] = field(default_factory=dict)
    raced: set[str] = field(default_factory=set)
    detected: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    spent: dict[tuple[str, str, Severity], int] = field(default_factory=dict)
    waived: Waived = field(default_factory=dict)
    folder: RunFolder | None = None
    journal: JournalWriter | None = None
    role: Role = Role.ALONE
    relay: Records | None = None
    workers: int = 1

    def __post_init__(self) -> None:
        options = self.options
        self.admissions = Admissions(self.lineup.hub, options.project / lock.FILE_NAME, options.detector)
        self.models = Models(
            self.admissions,
            options.detector,
            options.device,
            options.runner,
            self.loaded,
            options.timeouts,
            options.deterministic,
        )
        self.shelf = Shelf()
        self.goldens = Goldens(options.project, options.update_golden)
        self.lookahead = Lookahead(self.shelf)
        self._root = options.project / FOLDER
        self._limits: dict[str, Policy | None] = {}

    def suite_of(self, path: Path) -> Suite | None:
        """The suite that a path lies in; None outside `suites/`."""
        if not path.is_relative_to(self._root) or path == self._root:
            return None
        name = path.relative_to(self._root).parts[0]
        if name not in self.suites:
            root = self._root / name
            if not root.is_dir():
                return None
            self.suites[name] = Suite(name, root, self.options.project)
        return self.suites[name]

    def policy_file(self, suite: Suite) -> PolicyFile:
        """The suite's policy as it was read, once."""
        if suite.name not in self.policies:
            self.policies[suite.name] = suite.read_policy(self.options.policy)
        return self.policies[suite.name]

    def policy(self, suite: str) -> Policy | None:
        """The suite's policy when it is usable."""
        if suite not in self._limits:
            data = self.policy_file(self.suites[suite]).data
            self._limits[suite] = None if data is None else policy_from_data(data)
        return self._limits[suite]

    def allowance(self, suite: str, severity: Severity) -> int | None:
        """How many failures of a severity the policy lets pass: regressions, or plain failures of a lone revision.

        None where they stop nothing.
        """
        return allowance(self.policy(suite), severity, alone=self.lineup.baseline is None)

    @property
    def records(self) -> Records | None:
        """Where what happens is written down; None where nothing is."""
        return self.journal if self.relay is None else self.relay

    def loaded(self, revision: str, facts: Mapping[str, Any]) -> None:
        """A model was loaded: what its results depend on beside its files is written down."""
        if self.records is not None:
            self.records.load(revision, facts)

    def start(self, item: PlanItem) -> None:
        """An item begins: it is in the journal before anything of it happens."""
        if self.records is not None and item.key in self.planned:
            self.records.start(item.key)

    def finish(self, item: PlanItem, finished: Finished) -> None:
        """An item has ended."""
        self.remember(item, finished)
        if self.records is not None and item.key in self.planned:
            self.records.finish(finished)

    def remember(self, item: PlanItem, finished: Finished) -> None:
        """How an item ended, here or in the run that this one goes on with."""
        self.outcomes[item.suite, item.case, item.probe, item.revision] = finished.outcome
        if finished.goldens:
            self.goldens_asked[item] = finished.goldens
        if item.key in self.raced and finished.detections is not None:
            self.detected[item.key] = finished.detections

    def baseline_outcome(self, item: PlanItem) -> ItemOutcome | None:
        """What became of the same case on the baseline; None when it did not run there or this is the baseline."""
        baseline = self.lineup.baseline
        if baseline is None or item.revision == baseline.name:
            return None
        return self.outcomes.get((item.suite, item.case, item.probe, baseline.name))

    def is_baseline(self, item: PlanItem) -> bool:
        """True for an item that runs on the baseline of a comparison."""
        return self.lineup.baseline is not None and item.revision == self.lineup.baseline.name


def of(config: pytest.Config) -> Gather:
    """The state of this run."""
    return config.stash[KEY]
