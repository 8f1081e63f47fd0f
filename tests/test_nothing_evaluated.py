"""B9: what people write is data. Nothing in the package evaluates text, unpickles, or hands text to a shell."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pytest_damover

PACKAGE = Path(pytest_damover.__file__).parent
CALLS = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "_pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "yaml", "ruamel", "code"}
ATTRIBUTES = {("os", "system"), ("os", "popen"), ("numpy", "load"), ("np", "load"), ("re", "template")}


def offences(source: str) -> list[str]:
    """Every call of that kind and every import of such a module, by line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [f"{node.lineno}: import {a.name}" for a in node.names if a.name.partition(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in MODULES and not node.level:
            found.append(f"{node.lineno}: from {node.module}")
        elif isinstance(node, ast.Call):
            found += [f"{node.lineno}: {what}" for what in _calls(node)]
    return found


def _calls(node: ast.Call) -> list[str]:
    called = node.func
    found = []
    if isinstance(called, ast.Name) and called.id in CALLS:
        found.append(called.id)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        found += [".".join(name) for name in ATTRIBUTES if name == (called.value.id, called.attr)]
    shell = [ast.unparse(word.value) for word in node.keywords if word.arg == "shell"]
    return found + [f"shell={value}" for value in shell if value != "False"]


def test_b9_the_package_evaluates_nothing() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): offences(path.read_text()) for path in PACKAGE.rglob("*.py")}
    assert len(found) > 100
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "exec('1')",
        "import pickle",
        "from pickle import loads",
        "import yaml",
        "def f():\n    import marshal",
        "os.system('ls')",
        "subprocess.run('ls', shell=True)",
        "np.load(path)",
        "__import__('x')",
    ],
)
def test_b9_each_of_these_would_be_seen(source: str) -> None:
    assert len(offences(source)) == 1
