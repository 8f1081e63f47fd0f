"""Rule `control`: the same policy stops a candidate that is known to be wrong, or its PASS means nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_damover.domain.comparing.comparison import Comparison, compare
from pytest_damover.domain.comparing.flip_limits import flip_limits
from pytest_damover.domain.comparing.measured import measured_images
from pytest_damover.domain.planting.control import Control, Planted, plant
from pytest_damover.domain.policy import ApRule, Policy
from pytest_damover.domain.rules.intervals import is_number
from pytest_damover.domain.rules.judged import JudgedSuite, Rule
from pytest_damover.domain.rules.operating import estimate_operating
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.rules.reasons import Reason
from pytest_damover.domain.rules.waived import judge_by
from pytest_damover.domain.run import PlannedRule, Run
from pytest_damover.domain.verdict import Action, Answer, Finding, worst, worst_that_blocks

RULE = "control"
CLEARLY = 0.1
"""A loss of AP that is this much over its margin is over it whatever images are drawn."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rules made of one planted candidate; `broken` says in words what did not work as it must.

    `waived` is what they would have stopped without the waivers.
    """

    control: Control
    answer: Answer
    stopped_by: tuple[str, ...]
    broken: tuple[str, ...]
    waived: bool = False


def judge_control(
    run: Run, comparison: Comparison, policies: Mapping[str, Policy], rules: Sequence[Rule], whole: bool
) -> tuple[Finding, ...]:
    """One finding: PASS when every suite's `rules` stop a planted candidate and one of them stops the blind one.

    ERROR when a rule that must FAIL it does not, or a policy lets it pass; INCONCLUSIVE where the run is not `whole`
    or too small for the rules to FAIL anything. Nothing where nothing was compared.
    """
    suites = [suite for suite in run.plan.suites if suite.name in policies]
    if comparison.identical or not suites:
        return ()
    tried = [
        _try(plant(run, comparison, suite, policies[suite.name], planted), comparison, rules, whole)
        for suite in suites
        for planted in Planted
    ]
    broken = dict.fromkeys(fault for one in tried for fault in one.broken)
    if broken:
        message = f"what is known to be wrong is not told from what is right: {named(broken)}"
        return (_finding(Answer.ERROR, Reason.CONTROL_PASSED, message, tried),)
    return (_by_answer(tried),)


def _by_answer(tried: Sequence[Tried]) -> Finding:
    of_suites: dict[str, list[Tried]] = {}
    for one in tried:
        of_suites.setdefault(one.control.suite.name, []).append(one)
    blind = [one for one in tried if one.control.planted is Planted.BLIND]
    groups = [*of_suites.values(), blind]
    answers = [worst(one.answer for one in group) for group in groups]
    if Answer.PASS in answers:
        message = _lenient(groups[answers.index(Answer.PASS)])
        return _finding(Answer.ERROR, Reason.CONTROL_PASSED, message, tried)
    if Answer.INCONCLUSIVE in answers:
        message = "too little ran to show that the policy would stop a candidate that is known to be wrong"
        return _finding(Answer.INCONCLUSIVE, Reason.CONTROL_UNDECIDED, message, tried)
    told = "; ".join(f"one that {_does(one.control)} by {named(one.stopped_by)}" for one in tried if one.stopped_by)
    message = f"planted candidates were stopped: {told}"
    return _finding(Answer.PASS, Reason.CONTROL_STOPPED, message, tried)


def _lenient(group: Sequence[Tried]) -> str:
    names = list(dict.fromkeys(one.control.suite.name for one in group))
    does = " and one that ".join(dict.fromkeys(_does(one.control) for one in group))
    if any(one.waived for one in group):
        return f"the waivers of {named(names)} let everything through: a candidate that {does} passes; narrow them"
    if len(names) > 1:
        return f"the policies of {named(names)} let everything through: a candidate that {does} passes all of them"
    source = group[0].control.suite.policy_source or group[0].control.suite.root
    lets = f"the policy of suite {names[0]} ({source}) lets everything through: a candidate that {does} passes"
    return f"{lets}; {_next_step(group)}"


def _next_step(group: Sequence[Tried]) -> str:
    if not any(one.control.failures for one in group):
        return "no case demands what it could miss: give min_objects, expected_boxes or a golden"
    if not any(sum(one.control.regressions.values()) for one in group):
        return "no case that it fails was passed before, so none is lost: give the policy [failures] or [ap50]"
    return "lower what [regressions] and [failures] allow, or give it [ap50]"


def _try(control: Control, comparison: Comparison, rules: Sequence[Rule], whole: bool) -> Tried:
    planted = compare(control.run, comparison.candidate, {control.suite.name: control.policy})
    judged = JudgedSuite(control.run, planted, control.suite, control.policy)
    unwaived = JudgedSuite(control.run, planted, replace(control.suite, waivers=None), control.policy)
    strict = judge_by(unwaived, rules)
    findings = judge_by(judged, rules) if judged.waivers else strict
    answer = worst_that_blocks(findings)
    if answer is Answer.PASS and not whole:
        answer = Answer.INCONCLUSIVE
    stopped_by = dict.fromkeys(
        one.rule for one in findings if one.verdict is Answer.FAIL and one.action is Action.BLOCK
    )
    waived = answer is Answer.PASS and worst_that_blocks(strict) is not Answer.PASS
    return Tried(control, answer, tuple(stopped_by), tuple(_broken(control, judged, strict)), waived)


def _broken(control: Control, judged: JudgedSuite, findings: Sequence[Finding]) -> Iterator[str]:
    does = _does(control)
    for kind in control.unmoved:
        yield f"the expectation {kind} is met by a candidate that {does}"
    answers = {PlannedRule(finding.rule, finding.slice, finding.label): finding.verdict for finding in findings}
    for rule in _armed(control, judged):
        if answers.get(rule, Answer.PASS) is Answer.PASS:
            where = "" if rule.slice is None else f" in slice {rule.slice}"
            yield f"the rule {rule.rule}{where} does not FAIL a candidate that {does}"


def _armed(control: Control, judged: JudgedSuite) -> Iterator[PlannedRule]:
    """The rules whose limit the planted candidate is known to break."""
    if not judged.alone:
        for severity, count in control.regressions.items():
            if count > judged.limits.regressions.get(severity, 0):
                yield PlannedRule(f"regressions.{severity.value}")
    for severity, count in control.failures.items():
        limit = judged.limits.failures.get(severity, count)
        if count > limit:
            yield PlannedRule(f"failures.{severity.value}")
    for metric, rule in judged.limits.aps.items():
        yield from _armed_ap(control, judged, metric, rule)
    if judged.limits.flips is not None and not judged.alone:
        limits = flip_limits(judged.limits.flips)
        yield from (rule for rule, limit in limits.items() if control.flips.get(rule, 0) > limit)
    yield from _armed_operating(control, judged)


def _armed_ap(control: Control, judged: JudgedSuite, metric: str, rule: ApRule) -> Iterator[PlannedRule]:
    """Where the planted candidate has lost everything, an AP of the baseline over the margin is a loss over it."""
    for compared in (one for one in judged.slices if one.metric == metric):
        lost_all = control.slice in (None, compared.slice)
        if lost_all and compared.slice is None and rule.relative_margin is not None and compared.ratio is not None:
            yield PlannedRule(f"{metric}.relative")
        margin = rule.margin if compared.slice is None else rule.slices.get(compared.slice)
        before = compared.baseline
        if lost_all and margin is not None and before is not None and is_number(before) and before > margin + CLEARLY:
            yield PlannedRule(metric, compared.slice)
        if lost_all and compared.slice is None and rule.minimum is not None and compared.objects:
            yield PlannedRule(f"{metric}.minimum")


def _armed_operating(control: Control, judged: JudgedSuite) -> Iterator[PlannedRule]:
    """What is planted finds nothing; one that reports nothing at all has no precision to judge."""
    rules = judged.limits.operating
    images = measured_images(judged.run, judged.comparison, judged.suite.name)
    if not rules or not images.objects:
        return
    for metric, estimate in estimate_operating(images, rules).items():
        if metric == "precision" and control.planted is Planted.BLIND:
            continue
        margin, before = rules[metric].margin, estimate.baseline
        if margin is not None and before is not None and before > margin + CLEARLY:
            yield PlannedRule(metric)
        if rules[metric].minimum is not None:
            yield PlannedRule(f"{metric}.minimum")


def _does(control: Control) -> str:
    where = "" if control.slice is None else f" in slice {control.slice}"
    return f"{control.planted.value}{where}"


def _finding(answer: Answer, reason: Reason, message: str, tried: Sequence[Tried]) -> Finding:
    cases = sum(sum(one.control.failures.values()) for one in tried)
    to_blame = {one.control.suite.name for one in tried}
    return Finding(RULE, answer, reason.value, message, suite=to_blame.pop() if len(to_blame) == 1 else "", n=cases)
