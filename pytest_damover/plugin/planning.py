"""The plan: everything in the suites that were touched, whatever part of it this run was asked for."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from datetime import datetime

import pytest

from pytest_damover.domain.case import Case
from pytest_damover.domain.errors import DamoverError
from pytest_damover.domain.policy import policy_digest
from pytest_damover.domain.rules.planned import planned_rules
from pytest_damover.domain.run import DETECT, LATENCY, Plan, PlanItem, SuitePlan
from pytest_damover.plugin import narrowing, orphans, pinning, turns
from pytest_damover.plugin.gather import Gather
from pytest_damover.plugin.items import FACTS, TestFacts
from pytest_damover.suites import BrokenCase, Suite

NOT_AVAILABLE = " (not available)"
"""What follows the device in a plan that asked for one that is not there."""


def make_plan(state: Gather, config: pytest.Config, run_id: str, now: datetime) -> Plan:
    """The plan of this run, whose revisions have been admitted.

    What cannot run here at all is left out of it and named: see `_tests_left_out`.
    """
    running = state.lineup.running
    narrowed = [*narrowing.reasons(state, config)]
    try:
        device = turns.take_gpus(state, config, state.workers)
    except DamoverError as error:
        device = f"{state.options.device}{NOT_AVAILABLE}"
        narrowed.append(str(error))
    left_out = _tests_left_out(state, device)
    suites = tuple(_suite_plan(state, suite) for _, suite in sorted(state.suites.items()))
    items = [item for suite in suites for item in _items(state, suite)]
    items += [facts.plan_item for item, facts in _tests(state) if item.nodeid not in left_out]
    return Plan(
        run_id=run_id,
        created_at=now.isoformat(timespec="seconds"),
        command=shlex.join(("pytest", *map(str, config.invocation_params.args))),
        detector=state.options.detector,
        device=device,
        baseline=state.lineup.baseline,
        candidates=state.lineup.candidates,
        suites=suites,
        items=tuple(dict.fromkeys(items)),
        narrowed=tuple(narrowed),
        left_out=tuple(f"{reason}: {node}" for node, reason in left_out.items()),
        runner=state.models.runner_name,
        allow_identical=state.options.allow_identical,
        safety=state.admissions.safety(running),
        consents=state.admissions.consents(running),
        differences=state.admissions.differences(state.lineup.baseline, state.lineup.compared),
        notes=(*state.lineup.notes, *_notes(state, suites)),
        code=pinning.code(),
    )


def _tests(state: Gather) -> Iterator[tuple[pytest.Item, TestFacts]]:
    for item in state.collected:
        facts = item.stash.get(FACTS, None)
        if facts is not None:
            yield item, facts


def _tests_left_out(state: Gather, device: str) -> dict[str, str]:
    """GPU tests on a machine without one, and tests of a pair where one revision is judged alone."""
    left_out = {}
    for item, facts in _tests(state):
        if facts.needs_gpu and not device.startswith("cuda"):
            left_out[item.nodeid] = f"needs a GPU, this run is on {device}"
        elif facts.is_pair and state.lineup.baseline is None:
            left_out[item.nodeid] = "compares two revisions, this run judges one alone"
    return left_out


def _items(state: Gather, suite: SuitePlan) -> Iterator[PlanItem]:
    for revision in state.lineup.running:
        for case in suite.cases:
            yield PlanItem(suite.name, case.name, DETECT, revision.name)
    policy = state.policy(suite.name)
    if policy is not None and policy.latency is not None and state.lineup.baseline is not None:
        for candidate in state.lineup.compared:
            yield PlanItem(suite.name, LATENCY, LATENCY, candidate.name)


def _notes(state: Gather, suites: Iterable[SuitePlan]) -> Iterator[str]:
    for suite in suites:
        yield from filter(
            None,
            (pinning.not_pinned_by_their_authors(suite), orphans.note(state.suites[suite.name], tuple(suite.goldens))),
        )


def _suite_plan(state: Gather, suite: Suite) -> SuitePlan:
    entries = tuple(suite.all_cases())
    cases = tuple(entry for entry in entries if isinstance(entry, Case))
    policy, limits = state.policy_file(suite), state.policy(suite.name)
    root = suite.source(suite.root)
    errors = [
        f"{node}: {text}" for node, text in state.collection_errors if node == root or node.startswith(f"{root}/")
    ]
    return SuitePlan(
        name=suite.name,
        root=root,
        cases=cases,
        broken=(*(str(entry) for entry in entries if isinstance(entry, BrokenCase)), *errors),
        policy=policy.data,
        policy_source=policy.source,
        policy_faults=tuple(str(fault) for fault in policy.faults),
        test_severities={facts.case: facts.severity.value for _, facts in _tests(state) if facts.suite == suite.name},
        policy_digest="" if limits is None else policy_digest(limits),
        rules=() if limits is None else planned_rules(limits, alone=state.lineup.baseline is None),
        images=pinning.image_digests(suite, cases),
        goldens=pinning.golden_digests(state.goldens.folder_of(suite.name)),
        tests=pinning.test_digests(suite),
        waivers=suite.read_waivers(),
    )
