"""The run's frame: the plan before anything loads, the verdict after everything ran, in place of pytest's exit code."""

from __future__ import annotations

import atexit
import contextlib
import gc
import secrets
import traceback
from collections.abc import Generator, Sequence
from datetime import datetime, timezone

import pytest

from pytest_damover import store
from pytest_damover.domain.comparing.waived_cases import waived_cases
from pytest_damover.domain.errors import Code, DamoverError
from pytest_damover.domain.journal import FINISHED
from pytest_damover.domain.plan_file import plan_to_text
from pytest_damover.domain.rules.plan import named
from pytest_damover.domain.run import Plan
from pytest_damover.domain.verdict import Answer
from pytest_damover.plugin import environment, gather, narrowing, orphans, resume, signals
from pytest_damover.plugin.options import Options
from pytest_damover.plugin.planning import NOT_AVAILABLE, make_plan
from pytest_damover.plugin.refusal import told

NOTHING = ("INCONCLUSIVE: nothing was run, so nothing is shown", "INCONCLUSIVE")
STYLES: dict[str, dict[str, bool]] = {
    "PASS": {"green": True},
    "FAIL": {"red": True},
    "ERROR": {"red": True},
    "INCONCLUSIVE": {"yellow": True},
    "strong": {"bold": True},
    "quiet": {"light": True},
}
PLAIN_WIDTH = 80
INTERRUPTED = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.OK)
"""`pytest.exit` may carry the exit code 0, and is no end like any other."""
RAN_TO_THE_END = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)


def pytest_configure(config: pytest.Config) -> None:
    signals.listen(config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Write the plan; returning True ends the loop before it begins, when there is nothing to run."""
    if session.config.option.collectonly:
        return None
    state = gather.of(session.config)
    interrupted = _interrupted(state)
    _admit(state, session.config)
    now = datetime.now(timezone.utc)
    plan = make_plan(state, session.config, f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}", now)
    state.planned = {item.key: item for item in plan.items}
    state.waived = waived_cases(plan)
    state.shelf.pin(plan)
    state.goldens.pin(plan)
    taken = _take(interrupted, plan, state.options)
    try:
        _open_run(state, plan, taken)
    except DamoverError as error:
        pytest.exit(told(error, state.options.lang), returncode=Answer.ERROR.exit_code)
    if taken is not None:
        resume.take_out(session, state, taken)
    gc.freeze()  # what was collected stays until the end: no use in looking through it again and again
    no_policy = any(suite.policy is None or (suite.waivers and suite.waivers.faults) for suite in plan.suites)
    if no_policy or not state.lineup.running or plan.device.endswith(NOT_AVAILABLE):
        return True
    return None


def _admit(state: gather.Gather, config: pytest.Config) -> None:
    """Every revision is on the disk, hashed, read and consented to before the plan says what will run."""
    capture = config.pluginmanager.getplugin("capturemanager")
    shown = contextlib.nullcontext() if capture is None else capture.global_and_fixture_disabled()
    try:
        with shown:  # a download may take long, and its progress bar wants the terminal
            state.admissions.admit(state.lineup.running)
    except DamoverError as error:
        usage = all(fault.code in (Code.CONSENT, Code.LOCK) for fault in error.faults)
        code = pytest.ExitCode.USAGE_ERROR if usage else Answer.ERROR.exit_code
        pytest.exit(told(error, state.options.lang), returncode=code)


def _interrupted(state: gather.Gather) -> store.RunFolder | None:
    """The run to go on with, by its own name: `latest` will be another."""
    return None if state.options.resume is None else store.open_run_folder(state.options.resume)


def _take(interrupted: store.RunFolder | None, plan: Plan, options: Options) -> resume.Taken | None:
    if interrupted is None:
        return None
    try:
        return resume.take(interrupted, plan, environment.describe(plan.device, options.deterministic))
    except DamoverError as error:
        pytest.exit(f"--damover-resume\n{told(error, options.lang)}", returncode=pytest.ExitCode.USAGE_ERROR)


def _open_run(state: gather.Gather, plan: Plan, taken: resume.Taken | None) -> None:
    """Plan, journal, and `latest`: from now on it names this run, however the run ends."""
    text = plan_to_text(plan)
    state.folder = store.create_run_folder(state.options.reports, plan.run_id)
    store.write_text(state.folder.plan, text)
    store.point_latest(state.folder)
    journal = store.JournalWriter(state.folder.journal)
    journal.begin(plan.run_id, store.text_digest(text), environment.describe(plan.device, state.options.deterministic))
    if taken is not None:
        journal.resume(taken.runs, taken.loads, taken.ends)
    state.journal = journal


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None]:
    """Judge, then say so after everything that pytest itself has to say."""
    signals.of(session.config).let_it_end()
    state, lines = gather.of(session.config), [NOTHING]
    if state.journal is not None:
        gc.freeze()
        atexit.register(gc.unfreeze)  # what is frozen to the very end, extension modules would report as leaked
        lines = _judge(session, state, exitstatus)
    elif exitstatus in (*RAN_TO_THE_END, pytest.ExitCode.INTERRUPTED):
        session.exitstatus = Answer.INCONCLUSIVE.exit_code
    answer = session.exitstatus
    try:
        yield
    except Exception:
        answer = Answer.ERROR.exit_code
        lines = [*lines, ("ERROR: the session did not end in order", "ERROR"), (traceback.format_exc(), "")]
    session.exitstatus = answer  # whatever a plugin made of it: the exit code is the verdict's
    if state.journal is not None or session.exitstatus == Answer.INCONCLUSIVE.exit_code:
        _say(session.config, lines)


def _say(config: pytest.Config, lines: Sequence[tuple[str, str]]) -> None:
    if _has_terminal(config):
        writer = config.get_terminal_writer()
        for text, style in lines:
            writer.line(text, **STYLES.get(style, {}))
    else:
        print(*(text for text, _ in lines), sep="\n")


def _has_terminal(config: pytest.Config) -> bool:
    """False with `-p no:terminal`."""
    return bool(config.pluginmanager.hasplugin("terminalreporter"))


def _judge(session: pytest.Session, state: gather.Gather, exitstatus: int) -> list[tuple[str, str]]:
    assert state.journal is not None
    assert state.folder is not None
    session.exitstatus = Answer.ERROR.exit_code
    try:
        from pytest_damover import remake

        state.models.close()
        for name, faults in state.admissions.look_again().items():
            state.journal.verify(name, faults)
        _tell_orphans(session, state, state.journal)
        state.journal.end(_end_reason(session, state, exitstatus))
        remade = remake.remake(state.folder, state.options.project, state.options.lang)
    except DamoverError as error:
        return [("ERROR: the run could not be judged", "ERROR"), (str(error), "")]
    except Exception:  # whatever went wrong, a run that was not judged must not end as if it were
        return [("ERROR: the run could not be judged", "ERROR"), (traceback.format_exc(), "")]
    session.exitstatus = remade.verdict.verdict.exit_code
    width = session.config.get_terminal_writer().fullwidth if _has_terminal(session.config) else PLAIN_WIDTH
    lines = remake.summary_lines(
        state.folder, remade, state.options.project, state.options.lang, width, session.config.get_verbosity()
    )
    return [*lines, *(remake.written_lines(remade, state.options.lang) if state.options.update_golden else ())]


def _tell_orphans(session: pytest.Session, state: gather.Gather, journal: store.JournalWriter) -> None:
    narrowed = any(narrowing.out_of_view(state, session.config))
    for _, suite in sorted(state.suites.items()):
        found = orphans.after_the_run(state, suite, narrowed)
        if found is not None:
            journal.goldens(found)


def _end_reason(session: pytest.Session, state: gather.Gather, exitstatus: int) -> str:
    if broken_off := signals.of(session.config).reason:
        return broken_off
    if session.shouldfail:
        return f"stopped: {session.shouldfail}"
    if session.shouldstop:
        return f"stopped: {session.shouldstop}"
    if state.broke_off:
        return state.broke_off
    if exitstatus in RAN_TO_THE_END and state.completed and not state.failed_outside:
        return FINISHED
    if exitstatus in RAN_TO_THE_END and state.completed:
        return f"failed, and not in the plan: {named(dict.fromkeys(state.failed_outside))}"
    return "interrupted" if exitstatus in INTERRUPTED else f"pytest ended with exit code {exitstatus}"
