from importlib import metadata

import pytest

from pytest_damover import doctor
from pytest_damover.settings import Settings

LOCAL = {"damover_hub": "local", "damover_model": "acme/phones", "damover_detector": "replay"}


@pytest.fixture
def examine(tmp_path, monkeypatch):
    """Checks by name, in a project with these keys and packages of these versions."""
    (tmp_path / "hub/acme/phones/v1").mkdir(parents=True)

    def run(versions=None, **keys):
        def version(name):
            if (versions or {}).get(name, "99.0") is None:
                raise metadata.PackageNotFoundError(name)
            return (versions or {}).get(name, "99.0")

        monkeypatch.setattr(metadata, "version", version)
        found = {key: value for key, value in {**LOCAL, **keys}.items() if value}
        return {check.name: check for check in doctor.examine(Settings(tmp_path, found))}

    return run


def test_a_project_in_order_has_no_complaint(examine):
    checks = examine()
    assert list(checks) == ["python", "pytest", "pillow", "hub"]
    assert all(check.good for check in checks.values())
    assert "v1" in checks["hub"].found


def test_real_models_need_more(examine):
    assert {"torch", "modelscope", "modelscope-hub"} <= examine(damover_detector="modelscope").keys()


@pytest.mark.parametrize(
    ("name", "version", "good"),
    [
        ("pillow", "12.3", True),
        ("pillow", "12.3.0", True),
        ("pillow", "12.2.9", False),
        ("pillow", "9.9", False),
        ("pillow", None, False),
        ("torch", "2.10.0+cu130", True),
        ("torch", "2.9.1+cpu", False),
        ("modelscope-hub", "0.5.1", True),
        ("modelscope-hub", "0.5.0", False),
    ],
)
def test_a_package_that_is_missing_or_too_old_has_advice(examine, name, version, good):
    check = examine({name: version}, damover_detector="modelscope")[name]
    assert check.good is good
    assert check.advice


@pytest.mark.parametrize(
    ("keys", "name", "said"),
    [
        ({"damover_model": ""}, "model", "none is set"),
        ({"damover_model": "acme/none"}, "hub", "acme/none"),
        ({"damover_hub": "nowhere"}, "hub", "nowhere"),
        ({"damover_hub": "modelscope:http://example.org"}, "hub", "http://example.org"),
    ],
    ids=str,
)
def test_a_hub_or_model_that_is_not_there_is_named(examine, keys, name, said):
    check = examine(**keys)[name]
    assert not check.good
    assert said in check.found
    assert check.advice
