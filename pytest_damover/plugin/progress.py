"""Progress of the cases on a terminal: one line that redraws itself; elsewhere pytest's own dots are left alone."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

import pytest

from pytest_damover.plugin.items import CaseItem

NAME = "damover-progress"
REDRAW_S = 0.1


def wanted(config: pytest.Config) -> bool:
    """True where a person looks on: a terminal, pytest's ordinary verbosity, output captured."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    watched = reporter is not None and reporter.isatty and "CI" not in os.environ
    return bool(watched and config.getoption("verbose") == 0 and config.getoption("capture") != "no")


@dataclass(eq=False)  # plugins are kept in sets
class Progress:
    """Counts the cases and draws the line."""

    config: pytest.Config
    total: int = 0
    done: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)
    drawn: float = 0.0

    def pytest_runtestloop(self, session: pytest.Session) -> None:
        self.total = sum(isinstance(item, CaseItem) for item in session.items)
        self.began = time.monotonic()

    def count(self, item: CaseItem, report: pytest.TestReport) -> None:
        """One case has run."""
        self.done += 1
        self.failed += report.failed
        now = time.monotonic()
        if now - self.drawn > REDRAW_S or self.done == self.total:
            self.drawn = now
            self._draw(item.revision_name, now - self.began)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A case shows in the line alone; what fails is told in full at the end."""
        if not getattr(report, "damover_case", False):
            return None
        return ("xfailed" if hasattr(report, "wasxfail") else report.outcome), "", ""

    def _draw(self, revision: str, elapsed_s: float) -> None:
        rate = self.done / max(elapsed_s, 1e-9)
        left_s = (self.total - self.done) / rate
        text = f"{self.done}/{self.total} cases  {revision}  {rate:.1f} images/s  {left_s:.0f} s left"
        if self.failed:
            text += f"  {self.failed} failed"
        writer = self.config.get_terminal_writer()
        writer.write(f"\r{text[: writer.fullwidth - 1]:<{writer.fullwidth - 1}}", flush=True)
        if self.done == self.total:
            writer.line()
