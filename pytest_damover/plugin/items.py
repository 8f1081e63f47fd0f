"""The items of our own: a case on a revision, a case file that could not be read.

They need no fixtures and no set-up: they run through a protocol of one report (`protocol.py`), not pytest's of three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import pluggy
import pytest

from pytest_damover.domain.case import Case, Severity
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.expectations import evaluate_all
from pytest_damover.domain.golden_file import Setting
from pytest_damover.domain.journal import Finished, ItemOutcome, Outcome
from pytest_damover.domain.naming import slug
from pytest_damover.domain.revision import Revision
from pytest_damover.domain.run import DETECT, NO_REVISION, TEST, PlanItem
from pytest_damover.plugin import gather, golden
from pytest_damover.runners import CrashError
from pytest_damover.suites import BrokenCase, Suite


class DamoverItem(pytest.Item):
    """An item that runs itself: `execute` says what became of it."""

    revision_name: str
    is_pair = False
    plan_item: PlanItem | None = None
    severity = Severity.MAJOR

    def __init__(self, *, label: str, file: str, path: Path, parent: pytest.Collector, **kwargs: Any) -> None:
        name = f"{label}[{self.revision_name}]" if self.revision_name else label
        # the id is given as text: of a name alone pytest would not see the brackets in it, and --lf would not match
        super().__init__(name=name, parent=parent, path=path, nodeid=f"{file}::{name}", **kwargs)
        self.file = file

    def execute(self) -> Finished:
        """Run it, and say what became of it; never raises for what the item itself got wrong."""
        raise NotImplementedError

    def runtest(self) -> None:
        raise RuntimeError(f"{self.nodeid} runs through pytest-damover's own protocol, which another plugin replaced")

    @property
    def ihook(self) -> pluggy.HookRelay:
        """The hooks of the folder that the file is in, which are its own: pytest would look at every file to know."""
        assert self.parent is not None
        return self.parent.ihook

    @property
    def location(self) -> tuple[str, int | None, str]:
        return self.file, None, self.name

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class CaseItem(DamoverItem):
    """One case on one revision."""

    def __init__(self, *, suite: Suite, case: Case, revision: Revision, **kwargs: Any) -> None:
        self.revision_name = revision.name
        super().__init__(label=slug(case.name), **kwargs)
        self.suite = suite
        self.case = case
        self.revision = revision
        self.severity = case.severity
        self.plan_item = PlanItem(case.suite, case.name, DETECT, revision.name)
        self.own_markers.extend(_markers(case.severity, case.slices))

    @property
    def extra_keyword_matches(self) -> set[str]:
        """What `-k` finds the case by. Made when asked for: 200,000 sets that nobody reads are 43 MB."""
        known: set[str] = self.__dict__.setdefault("keyword_matches", {*self.case.slices, self.case.name})
        return known

    @extra_keyword_matches.setter
    def extra_keyword_matches(self, _empty: set[str]) -> None:
        """Where pytest puts an empty set for every node."""

    def execute(self) -> Finished:
        state, case, key = gather.of(self.config), self.case, self.plan_item.key  # type: ignore[union-attr]
        device = ""
        try:
            detector = state.models.one(self.revision)
            device = state.models.device
            image = state.lookahead.image(self)
            began = perf_counter_ns()
            detections = detector(image)
            duration_ns = getattr(detector, "took_ns", 0) or perf_counter_ns() - began
            state.lookahead.begin(detector)
            state.shelf.keep(self.suite, case, image)
            state.lookahead.decode(detector)
            properties = image.measured  # a child is at the next case meanwhile
        except CrashError as error:
            return Finished(key, ItemOutcome.FAILED, str(error), device, crashed=True)
        except DamoverError as error:
            breach = all(fault.code is Code.DETECTIONS for fault in error.faults)
            return Finished(key, ItemOutcome.FAILED if breach else ItemOutcome.ERROR, str(error), device)
        except (Exception, SystemExit) as error:
            return Finished(key, ItemOutcome.ERROR, f"{type(error).__name__}: {error}", device)
        outcomes = evaluate_all(case.expected, detections)
        finished = Finished(
            item=key,
            outcome=ItemOutcome.PASSED,
            device=device,
            duration_ns=duration_ns,
            image_size_px=image.decoded_size_px,
            image_properties=properties,
            detections=detections.to_json(),
        )
        if case.golden is not None:
            setting = Setting.of(device, detector.facts)
            try:
                result = state.goldens.of_case(case, self.revision, detections, image.sha256, setting)
            except DamoverError as error:
                return replace(finished, outcome=ItemOutcome.ERROR, reason=str(error))
            finished = replace(finished, goldens=(result,))
            outcomes = (*outcomes, *golden.outcomes_of(result))
        return _ended(finished, outcomes)


def _ended(finished: Finished, outcomes: Sequence[Outcome]) -> Finished:
    """A case has passed when it met what it was held to, and was held to something."""
    missed = tuple(outcome for outcome in outcomes if not outcome.passed)
    if missed:
        reason = "; ".join(outcome.message for outcome in missed)
        return replace(finished, outcome=ItemOutcome.FAILED, reason=reason, failed_expectations=missed)
    why = golden.why_not_compared(finished.goldens)
    outcome = ItemOutcome.PASSED if outcomes or not why else ItemOutcome.SKIPPED
    return replace(finished, outcome=outcome, reason=why)


class BrokenItem(DamoverItem):
    """A case that could not be read: it runs as an error, so that nobody takes its absence for a pass."""

    revision_name = ""

    def __init__(self, *, entry: BrokenCase, **kwargs: Any) -> None:
        super().__init__(label=entry.name, **kwargs)
        self.entry = entry

    def execute(self) -> Finished:
        return Finished(self.nodeid, ItemOutcome.ERROR, str(self.entry))


@dataclass(frozen=True, slots=True)
class TestFacts:
    """What the plan says about one Python test of a suite; `revision` is None for a test that asks for none."""

    __test__ = False

    suite: str
    case: str
    revision: str | None
    is_pair: bool
    severity: Severity
    needs_gpu: bool

    @property
    def plan_item(self) -> PlanItem:
        """The test's place in the plan."""
        return PlanItem(self.suite, self.case, TEST, self.revision or NO_REVISION)

    @classmethod
    def of(cls, item: pytest.Item, suite: Suite) -> TestFacts:
        """Read a collected test; an unknown severity is a usage error."""
        callspec = getattr(item, "callspec", None)
        revision = callspec.params.get("revision") if callspec else None
        level = item.get_closest_marker("severity")
        try:
            severity = Severity(level.args[0]) if level else Severity.MAJOR
        except (ValueError, IndexError) as error:
            allowed = ", ".join(choice.value for choice in Severity)
            raise pytest.UsageError(f"damover: {item.nodeid}: severity{level.args}: allowed: {allowed}") from error  # type: ignore[union-attr]
        name = revision.name if isinstance(revision, Revision) else None
        return cls(
            suite=suite.name,
            case=_test_case(item, suite, name),
            revision=name,
            is_pair="pair" in getattr(item, "fixturenames", ()),
            severity=severity,
            needs_gpu=item.get_closest_marker("gpu") is not None,
        )


FACTS = pytest.StashKey[TestFacts]()


def _test_case(item: pytest.Item, suite: Suite, revision: str | None) -> str:
    file = item.path.relative_to(suite.root).as_posix()
    name = item.nodeid.partition("::")[2]
    if revision is not None:
        head, _, ids = name.partition("[")
        rest = ids[:-1].removeprefix(revision).removeprefix("-")
        name = f"{head}[{rest}]" if rest else head
    return f"{file}::{name}"


@cache
def _markers(severity: Severity, slices: tuple[str, ...]) -> tuple[pytest.Mark, ...]:
    return pytest.mark.severity(severity.value).mark, pytest.mark.slices(*slices).mark
