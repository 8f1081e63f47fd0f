"""The options: command line over ini over default, checked as one before anything loads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_damover.settings import DEFAULTS

if TYPE_CHECKING:
    from pytest_damover.runners import Timeouts


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for; every path is absolute."""

    revisions: tuple[str, ...]
    baseline: str | None
    aliases: dict[str, str]
    project: Path
    model: str
    hub: str
    detector: str
    device: str
    policy: Path | None
    reports: Path
    resume: Path | None
    runner: str
    timeouts: Timeouts
    lock_timeout_s: float
    lock_folder: Path | None
    lang: str
    locked: bool
    offline: bool
    deterministic: bool
    allow_identical: bool
    update_golden: bool
    gate: bool


_VALUES = (
    ("model", "hub model, as <owner>/<name>"),
    ("hub", "where revisions come from: modelscope, modelscope:ENDPOINT, local, local:FOLDER"),
    ("detector", "how a revision becomes a callable: modelscope, replay"),
    ("device", "auto, cpu, cuda or cuda:N"),
    ("policy", "policy file that stands in for the suites' own gate.toml"),
    ("reports", "folder of the run folders"),
    ("runner", "where the detector runs: inline, process; auto is process for detectors that run model code"),
    (
        "lock_timeout",
        "seconds to wait for a GPU, or for the processors, while another run of this machine times on them",
    ),
    ("lock_folder", "where the locks of this machine are; for containers, which share a GPU and no /run/lock"),
    ("lang", "language of report, summary and refusals: en, zh"),
)
_LOCKED = "refuse revisions whose files differ from revisions.lock"
_OFFLINE = "never use the network: resolve from revisions.lock, read from the local hub or the store of downloads"
_DETERMINISTIC = "the same answer twice: deterministic operations alone, the same random numbers before each call"
_TIMEOUTS = "wall limits of the model's process, 'case = 120' a line: start, load, warm-up, case, unload, in seconds"
_RESUME = "go on with an interrupted run, by its id or its folder: only what is missing runs, if the plans agree"
_FLAGS = (
    ("locked", "store_true", f"{_LOCKED} (default where CI=true)"),
    ("unlocked", "store_false", "take what the hub serves today, also where CI=true or the ini-file says locked"),
    ("offline", "store_true", _OFFLINE),
    ("deterministic", "store_true", _DETERMINISTIC),
    ("allow-identical", "store_true", "judge a candidate whose files are the baseline's too, instead of INCONCLUSIVE"),
    ("update-golden", "store_true", "write goldens instead of comparing with them; such a run never passes"),
    ("no-gate", "store_true", "run the suites as plain tests: no verdict, no report, pytest's own exit code"),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare every option and its ini key."""
    group = parser.getgroup("damover", "compare revisions of a detection model")
    group.addoption(
        "--revisions",
        metavar="BASELINE,CANDIDATE,…",
        help="judge these revisions, the first is the baseline: tags, branches, commits, aliases, latest, '>=2,<3'",
    )
    group.addoption("--baseline", metavar="REVISION", help="the baseline, when it is not the first of --revisions")
    for name, text in _VALUES:
        default = DEFAULTS[name]
        group.addoption(_option(name), metavar=name.upper(), help=f"{text} (default: {default or 'none'})")
        parser.addini(f"damover_{name}", text, default=default)
    group.addoption("--damover-resume", metavar="RUN", help=_RESUME)
    parser.addini("damover_aliases", "other names of revisions: 'alias = revision' a line", type="linelist", default=[])
    parser.addini("damover_timeouts", _TIMEOUTS, type="linelist", default=[])
    parser.addini("damover_locked", f"{_LOCKED} (default: whether CI=true)", type="bool", default=None)
    parser.addini("damover_offline", _OFFLINE, type="bool", default=False)
    parser.addini("damover_deterministic", _DETERMINISTIC, type="bool", default=False)
    for name, action, text in _FLAGS:
        same = {"dest": "damover_locked"} if name == "unlocked" else {}
        group.addoption(f"--damover-{name}", action=action, default=None, help=text, **same)


def read_options(config: pytest.Config) -> Options:
    """The options of this run; all wrong ones are named in one `pytest.UsageError`."""
    wrong: list[str] = []
    revisions, baseline = _revisions(config, wrong)
    aliases = _aliases(config.getini("damover_aliases"), wrong)
    _check_names(revisions, baseline, aliases, wrong)
    options = Options(
        revisions=revisions,
        baseline=baseline,
        aliases=aliases,
        project=config.rootpath,
        model=_value(config, "model"),
        hub=_value(config, "hub"),
        detector=_value(config, "detector"),
        device=_value(config, "device"),
        policy=_path(config, "policy") if _value(config, "policy") else None,
        reports=_path(config, "reports"),
        resume=_resumed(config),
        runner=_value(config, "runner"),
        timeouts=_timeouts(config, wrong),
        lock_timeout_s=_seconds(config, "lock_timeout", wrong),
        lock_folder=_path(config, "lock_folder") if _value(config, "lock_folder") else None,
        lang=_value(config, "lang"),
        locked=_flag(config, "locked", wrong, os.environ.get("CI", "").lower() in ("true", "1")),
        offline=_flag(config, "offline", wrong, False),
        deterministic=_flag(config, "deterministic", wrong, False),
        allow_identical=bool(config.getoption("--damover-allow-identical")),
        update_golden=bool(config.getoption("--damover-update-golden")),
        gate=not config.getoption("--damover-no-gate"),
    )
    _check(options, wrong)
    _check_update_golden(options, wrong)
    _check_no_gate(config, wrong)
    if wrong:
        raise pytest.UsageError("\n".join(f"damover: {line}" for line in wrong))
    return options


def _check_update_golden(options: Options, wrong: list[str]) -> None:
    """A run that writes goldens passes nothing, and without the gate its exit code would say otherwise."""
    if options.update_golden and not options.gate:
        wrong.append("--damover-update-golden does not go with --damover-no-gate: it would end as if all had passed")


def _check_no_gate(config: pytest.Config, wrong: list[str]) -> None:
    """Who switches the gate off does so in sight: from a file or the environment, a green run would pass for a PASS."""
    in_sight = hasattr(config, "workerinput") or "--damover-no-gate" in map(str, config.invocation_params.args)
    if config.getoption("--damover-no-gate") and not in_sight:
        wrong.append("--damover-no-gate comes from addopts or PYTEST_ADDOPTS; allowed: on the command line itself")


def _option(name: str) -> str:
    return f"--damover-{name.replace('_', '-')}"


def _value(config: pytest.Config, name: str) -> str:
    given = config.getoption(_option(name))
    return str(config.getini(f"damover_{name}") if given is None else given)


def _path(config: pytest.Config, name: str) -> Path:
    """A path of the command line counts from where pytest was called, one of the ini file from the project."""
    given = config.getoption(_option(name))
    folder = config.rootpath if given is None else config.invocation_params.dir
    return folder / _value(config, name)


def _resumed(config: pytest.Config) -> Path | None:
    """The folder of a run that is named by its id, or as a path."""
    given = config.getoption("--damover-resume")
    if given is None:
        return None
    named = _path(config, "reports") / str(given)
    return named if named.exists() else config.invocation_params.dir / str(given)


def _seconds(config: pytest.Config, name: str, wrong: list[str]) -> float:
    text = _value(config, name)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        wrong.append(f"{_option(name)} {text}: allowed: seconds, 0 or more")
    return seconds


def _timeouts(config: pytest.Config, wrong: list[str]) -> Timeouts:
    from pytest_damover import runners
    from pytest_damover.domain.errors import DamoverError

    try:
        return runners.read_timeouts(config.getini("damover_timeouts"))
    except DamoverError as error:
        wrong.append(str(error))
        return runners.Timeouts()


def _flag(config: pytest.Config, name: str, wrong: list[str], default: bool) -> bool:
    """The command line's word, else that of the ini-file, else `default`."""
    given = config.getoption(f"--damover-{name}")
    try:
        stands = config.getini(f"damover_{name}")
    except (ValueError, pytest.UsageError) as error:
        wrong.append(f"damover_{name}: {error}; allowed: true, false")
        return default
    if given is not None:
        return bool(given)
    return default if stands is None else bool(stands)


def _revisions(config: pytest.Config, wrong: list[str]) -> tuple[tuple[str, ...], str | None]:
    """The names of `--revisions`, and that of `--baseline` written in the same way."""
    from pytest_damover.domain.semver import split_revisions

    given = [word for word in map(str, config.invocation_params.args) if word.partition("=")[0] == "--revisions"]
    if len(given) > 1:  # argparse would take the last, and judge it alone
        wrong.append("--revisions was given twice; allowed: once, with commas between: --revisions v1.0.0,v2.0.0")
    text, baseline = config.getoption("--revisions"), config.getoption("--baseline")
    names = split_revisions(text)
    if not all(names):
        wrong.append(f"--revisions {text!r}: an empty name; allowed: names with commas between, v1.0.0,v2.0.0")
    return names, None if baseline is None else ",".join(split_revisions(baseline))


def _check_names(revisions: tuple[str, ...], baseline: str | None, aliases: dict[str, str], wrong: list[str]) -> None:
    from pytest_damover.domain.revision import check_asked, check_name

    for name in dict.fromkeys(filter(None, revisions)):
        _note(wrong, check_asked, name, "--revisions")
    for name in dict.fromkeys(filter(None, (*aliases, *aliases.values()))):
        _note(wrong, check_name, name, "damover_aliases")
    first = 0
    if baseline is not None and baseline not in revisions:
        wrong.append(f"--baseline {baseline}: allowed: one of --revisions: {', '.join(revisions)}")
    elif baseline is not None:
        first = revisions.index(baseline)
    candidates = revisions[:first] + revisions[first + 1 :]
    for name in dict.fromkeys(filter(None, candidates)):
        if candidates.count(name) > 1:
            wrong.append(f"--revisions: the candidate {name} is named twice; allowed: each candidate once")


def _aliases(lines: list[str], wrong: list[str]) -> dict[str, str]:
    aliases = {}
    for line in lines:
        alias, equals, revision = (part.strip() for part in line.partition("="))
        if not (alias and equals and revision):
            wrong.append(f"damover_aliases: {line!r}; allowed: 'alias = revision'")
        aliases[alias] = revision
    return aliases


def _check(options: Options, wrong: list[str]) -> None:
    from pytest_damover import detectors, hubs, runners
    from pytest_damover.report.words import CATALOGUES

    if not options.model:
        wrong.append("no model: give --damover-model <owner>/<name> or the ini key damover_model")
    else:
        _note(wrong, hubs.check_model, options.model)
    _note(wrong, hubs.open_hub, options.hub, options.project)
    if options.policy is not None and not options.policy.is_file():
        wrong.append(f"--damover-policy {options.policy}: no such file")
    if not _is_device(options.device):
        wrong.append(f"--damover-device {options.device}: allowed: auto, cpu, cuda, cuda:N")
    if options.reports.exists() and not options.reports.is_dir():
        wrong.append(f"--damover-reports {options.reports}: a file is there; allowed: a folder, or nothing yet")
    if options.resume is not None and not options.resume.exists():
        known = f"the id of a run in {options.reports}, or its folder"
        wrong.append(f"--damover-resume {options.resume}: no such run; allowed: {known}")
    if options.resume is not None and not options.gate:
        wrong.append("--damover-resume does not go with --damover-no-gate, which keeps no journal to go on with")
    choices = (
        ("detector", options.detector, detectors.names()),
        ("runner", options.runner, (runners.AUTO, *runners.names())),
        ("lang", options.lang, tuple(CATALOGUES)),
    )
    for name, value, allowed in choices:
        if value not in allowed:
            wrong.append(f"--damover-{name} {value}: allowed: {', '.join(allowed)}")


def _note(wrong: list[str], check: Callable[..., object], *arguments: object) -> None:
    """Add what `check` refuses to what is wrong."""
    from pytest_damover.domain.errors import DamoverError

    try:
        check(*arguments)
    except DamoverError as error:
        wrong.append(str(error))


def _is_device(text: str) -> bool:
    kind, colon, number = text.partition(":")
    return text in ("auto", "cpu", "cuda") or (
        kind == "cuda" and colon == ":" and number.isascii() and number.isdecimal()
    )
