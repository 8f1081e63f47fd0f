from importlib import metadata

import pytest

from pytest_damover import doctor
from pytest_damover.doctor import _confinement
from pytest_damover.domain.confinement import Confinement, Guard
from pytest_damover.settings import Settings

LOCAL = {"damover_hub": "local", "damover_model": "acme/phones", "damover_detector": "replay"}
HELD = Confinement(tuple((guard, "held") for guard in Guard), ())


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """No GPU, no settings in the environment, a store of the test's own, and every guard in force."""
    for name in ("MODELSCOPE_ENDPOINT", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(_confinement, "probe", lambda: HELD)


@pytest.fixture
def examine(tmp_path, monkeypatch):
    """Checks by name, in a project with these keys and packages of these versions."""
    (tmp_path / "hub/acme/phones/v1").mkdir(parents=True)
    (tmp_path / "hub/acme/phones/v1/weights.pt").write_text("weights")

    def run(versions=None, **keys):
        def version(name):
            if (versions or {}).get(name, "99.0") is None:
                raise metadata.PackageNotFoundError(name)
            return (versions or {}).get(name, "99.0")

        monkeypatch.setattr(metadata, "version", version)
        found = {key: value for key, value in {**LOCAL, **keys}.items() if value}
        return {check.name: check for check in doctor.examine(Settings(tmp_path, found))}

    return run
