"""The public names are where the package says, and cost nothing until they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pytest_damover


@pytest.mark.parametrize("name", pytest_damover.__all__)
def test_every_public_name_is_there(name):
    assert getattr(pytest_damover, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = pytest_damover.no_such_name


def test_the_package_itself_loads_nothing():
    code = "import sys, pytest_damover; print([name for name in sys.modules if name.startswith('pytest_damover.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
