"""A small project on the replay detector, to run pytest in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import scipy.optimize  # noqa: F401
from PIL import Image

# pytester forgets what an inner run imported first, and numpy cannot be imported twice
import pytest_damover.detectors.replay
import pytest_damover.plugin.activate
import pytest_damover.remake
import pytest_damover.report.html
import pytest_damover.report.markdown
import pytest_damover.report.terminal
import pytest_damover.runners.inline  # noqa: F401

INI = """\
[tool.pytest.ini_options]
damover_hub = "local"
damover_model = "acme/phones"
damover_detector = "replay"
damover_aliases = ["v2-enhanced = v2"]
damover_locked = false
"""
POLICY = """\
schema = 1
[evidence]
min_cases = 2
min_images = 1
min_objects = 0
min_slice_images = 1
"""
PHONE = {"boxes": [[10.0, 10.0, 50.0, 50.0]], "scores": [0.9], "labels": ["phone"]}
WEAK = {"boxes": [[10.0, 10.0, 50.0, 50.0]], "scores": [0.3], "labels": ["phone"]}
NOTHING: dict[str, list[Any]] = {"boxes": [], "scores": [], "labels": []}


class Project:
    """A project of one suite, `toy`; images are named after their cases."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.root: Path = pytester.path
        self.suite = self.root / "suites/toy"
        (self.suite / "cases").mkdir(parents=True)
        (self.suite / "images").mkdir()
        (self.root / "pyproject.toml").write_text(INI)
        self.policy(POLICY)

    def policy(self, text: str) -> None:
        """Write the suite's gate.toml."""
        (self.suite / "gate.toml").write_text(text)

    def case(self, name: str, expected: dict[str, Any] | None = None, **more: Any) -> Path:
        """Write a case on a picture of its own; one phone is expected unless `expected` says otherwise."""
        picture = self.suite / f"images/{name}.png"
        Image.new("RGB", (64, 64), (len(name), 80, 120)).save(picture)
        data = {"name": name, "image_path": f"images/{name}.png", "expected": expected or one_phone(), **more}
        path = self.suite / f"cases/{name}.json"
        path.write_text(json.dumps(data))
        return path

    def revision(self, tag: str, default: dict[str, Any] = PHONE, latency_ms: float = 0, **recorded: Any) -> Path:
        """Record a revision: `default` for every case but those named."""
        folder = self.root / f"hub/acme/phones/{tag}"
        folder.mkdir(parents=True)
        detections = {f"images/{name}.png": value for name, value in recorded.items()}
        record = {"detections": detections, "default": default, "latency_ms": latency_ms}
        (folder / "detections.json").write_text(json.dumps(record))
        return folder

    def test_file(self, source: str) -> None:
        """Write the suite's Python tests."""
        (self.suite / "test_toy.py").write_text(source)

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in the project."""
        return self.pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments)

    def compare(self, *arguments: str) -> pytest.RunResult:
        """Run the suites on v1 and v2."""
        return self.run("--revisions", "v1,v2", *arguments)

    @property
    def verdict(self) -> dict[str, Any]:
        """The newest run's verdict."""
        data: dict[str, Any] = json.loads((self.root / "reports/latest/verdict.json").read_text())
        return data

    @property
    def plan(self) -> dict[str, Any]:
        """The newest run's plan."""
        data: dict[str, Any] = json.loads((self.root / "reports/latest/plan.json").read_text())
        return data

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The newest run's journal, one record each."""
        return [json.loads(line) for line in (self.root / "reports/latest/journal.jsonl").read_text().splitlines()]

    def findings(self, candidate: int = 0) -> list[dict[str, Any]]:
        """What the newest run found about a candidate, least good first as the file has them."""
        found: list[dict[str, Any]] = self.verdict["candidates"][candidate]["findings"]
        return found

    def bad_findings(self) -> list[tuple[str, str]]:
        """Rule and answer of every finding that is no PASS."""
        return [(found["rule"], found["verdict"]) for found in self.findings() if found["verdict"] != "PASS"]


def one_phone() -> dict[str, Any]:
    """Exactly one phone, with its box."""
    return {"min_objects": 1, "max_objects": 1, "expected_boxes": [{"box": [10, 10, 50, 50], "label": "phone"}]}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project: no case, no revision; a run in it does not know that this one may have workers."""
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)
    return Project(pytester)


@pytest.fixture
def toy(project: Project) -> Project:
    """Four cases that v1 and v2 both pass; the bytes of v2 differ from those of v1."""
    for name in ("one", "two", "three", "four"):
        project.case(name, slices=["night"] if name in ("one", "two") else ["day"])
    project.revision("v1")
    project.revision("v2", latency_ms=0.001)
    return project
