"""The wheel that would be uploaded: everything the package needs, nothing of the repository's own."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "pytest_damover"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of what it is made of."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE", "pytest_damover", "tests", "tools", "suites", "hub"):
        if (ROOT / name).exists():
            (source / name).symlink_to(ROOT / name)
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(done.stderr[-2000:])
    (path,) = target.glob("pytest_damover-*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_every_file_of_the_package_is_in_it(wheel):
    there = {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*") if path.is_file()}
    wanted = {path for path in there if "__pycache__" not in path}
    assert wanted - set(wheel.namelist()) == set()
    assert "pytest_damover/py.typed" in wanted
    assert "pytest_damover/schemas/case.schema.json" in wanted
    assert "pytest_damover/report/templates/page.html" in wanted


def test_nothing_else_is_in_it(wheel):
    folders = {name.partition("/")[0] for name in wheel.namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"pytest_damover"}


def test_it_offers_the_plugin_and_the_command(wheel):
    entry_points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    text = wheel.read(entry_points).decode()
    assert "damover = pytest_damover.plugin.hooks" in text
    assert "damover = pytest_damover.cli:main" in text
