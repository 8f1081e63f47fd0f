"""The options: command line over ini over default, checked as one before anything loads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


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
    runner: str
    lang: str
    locked: bool
    update_golden: bool
    gate: bool


_INI = (
    ("model", "hub model, as <owner>/<name>", ""),
    ("hub", "where revisions come from: modelscope, modelscope:ENDPOINT, local, local:FOLDER", "modelscope"),
    ("detector", "how a revision becomes a callable: modelscope, replay", "modelscope"),
    ("device", "auto, cpu, cuda or cuda:N", "auto"),
    ("policy", "policy file that stands in for the suites' own gate.toml", ""),
    ("reports", "folder of the run folders", "reports"),
    ("runner", "where the detector runs: inline", "inline"),
    ("lang", "language of report and summary: en, zh", "en"),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare every option and its ini key."""
    group = parser.getgroup("damover", "compare revisions of a detection model")
    group.addoption(
        "--revisions", metavar="BASELINE,CANDIDATE,…", help="judge these revisions; the first is the baseline"
    )
    group.addoption("--baseline", metavar="REVISION", help="the baseline, when it is not the first of --revisions")
    for name, text, default in _INI:
        group.addoption(f"--damover-{name}", metavar=name.upper(), help=f"{text} (default: {default or 'none'})")
        parser.addini(f"damover_{name}", text, default=default)
    parser.addini("damover_aliases", "other names of revisions: 'alias = revision' a line", type="linelist", default=[])
    parser.addini("damover_locked", "same as --damover-locked", type="bool", default=False)
    flags = (
        ("locked", "refuse revisions whose files differ from revisions.lock"),
        ("update-golden", "write goldens instead of comparing with them; such a run never passes"),
        ("no-gate", "run the suites as plain tests: no verdict, no report, pytest's own exit code"),
    )
    for name, text in flags:
        group.addoption(f"--damover-{name}", action="store_true", help=text)


def read_options(config: pytest.Config) -> Options:
    """The options of this run; all wrong ones are named in one `pytest.UsageError`."""
    wrong: list[str] = []
    given = [word for word in map(str, config.invocation_params.args) if word.partition("=")[0] == "--revisions"]
    if len(given) > 1:  # argparse would take the last, and judge it alone
        wrong.append("--revisions was given twice; allowed: once, with commas between: --revisions v1.0.0,v2.0.0")
    revisions = _revisions(config.getoption("--revisions"), wrong)
    baseline = config.getoption("--baseline")
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
        runner=_value(config, "runner"),
        lang=_value(config, "lang"),
        locked=bool(config.getoption("--damover-locked") or config.getini("damover_locked")),
        update_golden=bool(config.getoption("--damover-update-golden")),
        gate=not config.getoption("--damover-no-gate"),
    )
    _check(options, wrong)
    if wrong:
        raise pytest.UsageError("\n".join(f"damover: {line}" for line in wrong))
    return options


def _value(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"--damover-{name}")
    return str(config.getini(f"damover_{name}") if given is None else given)


def _path(config: pytest.Config, name: str) -> Path:
    """A path of the command line counts from where pytest was called, one of the ini file from the project."""
    given = config.getoption(f"--damover-{name}")
    folder = config.rootpath if given is None else config.invocation_params.dir
    return folder / _value(config, name)


def _revisions(text: str, wrong: list[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        wrong.append(f"--revisions {text!r}: an empty name; allowed: names with commas between, v1.0.0,v2.0.0")
    return names


def _check_names(revisions: tuple[str, ...], baseline: str | None, aliases: dict[str, str], wrong: list[str]) -> None:
    from pytest_damover.domain.revision import check_name

    for where, names in (("--revisions", revisions), ("damover_aliases", tuple(aliases.values()))):
        for name in dict.fromkeys(filter(None, names)):
            _note(wrong, check_name, name, where)
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
    choices = (
        ("detector", options.detector, detectors.names()),
        ("runner", options.runner, runners.names()),
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
