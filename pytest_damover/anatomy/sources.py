"""A configuration written as Python, read as a syntax tree: what it assigns, and what it does beside."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_damover.anatomy.literalcode import Scope, computed_in, source_of, value_of
from pytest_damover.domain.errors import Code, DamoverError, Fault

MAX_BYTES = 1_000_000
_MAPPING_MODULES = {"easydict": "EasyDict"}


@dataclass(frozen=True, slots=True)
class Source:
    """`values` are plain data with `Computed` where something would have to run.

    `other` are the statements that do more than assign or import; `skeleton` is all that the values leave over of the
    source, without comments and layout, so two sources with one skeleton differ in values and comments alone.
    """

    values: dict[str, Any]
    other: tuple[str, ...]
    skeleton: str


def read_source(text: bytes, where: str) -> Source:
    """Read Python source of at most 1 MB; `DamoverError` when it is no Python."""
    if len(text) > MAX_BYTES:
        raise _fault(where, f"more than {MAX_BYTES} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return _Reader(tree).read()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        found = f"not Python that can be read ({type(error).__name__})"
        raise _fault(where, found) from error


def plain_values(source: Source, where: str) -> dict[str, Any]:
    """The values when all of the source is written down; else `DamoverError` naming each thing that would run."""
    allowed = "assignments of texts, numbers, lists and dictionaries"
    faults = [
        Fault(Code.REVISION_TREE, f"{where}: {path}", f"computed by `{found.source}`", allowed)
        for path, found in computed_in(source.values).items()
    ]
    faults += [Fault(Code.REVISION_TREE, where, statement, allowed) for statement in source.other]
    if faults:
        raise DamoverError(*faults)
    return source.values


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.values: dict[str, Any] = {}
        self.other: list[str] = []
        self.skeleton: list[str] = []
        self.mappings = {"dict"} - {name for name, _ in _stored(tree)}
        self.fixed = _fixed_names(tree)
        self.constants: dict[str, Any] = {}

    def read(self) -> Source:
        for statement in self.tree.body:
            self.statement(statement)
        return Source(self.values, tuple(self.other), "\n".join(self.skeleton))

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                return
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case ast.Assign(targets=targets, value=value):
                self.assigned(node, targets, value, self.values)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assigned(node, [target], value, self.values)
            case ast.ClassDef():
                self.classified(node)
            case _:
                self.kept(node)

    def kept(self, node: ast.stmt) -> None:
        self.other.append(f"line {node.lineno}: {source_of(node)}")
        self.skeleton.append(ast.dump(node))

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        names = [alias.asname or alias.name for alias in node.names]
        if "*" in names or set(names) & {"model", "dataset", *self.values}:
            self.kept(node)
            return
        self.skeleton.append(ast.dump(node))
        if isinstance(node, ast.ImportFrom) and node.module in _MAPPING_MODULES and not node.level:
            made = {alias.asname or alias.name for alias in node.names if alias.name == _MAPPING_MODULES[node.module]}
            self.mappings |= made & self.fixed

    def assigned(self, node: ast.stmt, targets: list[ast.expr], value: ast.expr, into: dict[str, Any]) -> None:
        scope = Scope(self.constants, frozenset(self.mappings))
        paths = [_path(target) for target in targets]
        homes = [_home(into, path) for path in paths]
        if None in homes:
            self.kept(node)
            return
        for path, home in zip(paths, homes, strict=True):
            if home is not None:
                home[path[-1]] = value_of(value, scope)
                if len(path) == 1 and path[0] in self.fixed:
                    self.constants[path[0]] = home[path[0]]
        made = ",".join(source_of(call.func) for call in ast.walk(value) if isinstance(call, ast.Call))
        self.skeleton.append(f"{'='.join('.'.join(path) for path in paths)}={made}")

    def classified(self, node: ast.ClassDef) -> None:
        self.skeleton.append(f"class {node.name}: {[ast.dump(base) for base in (*node.bases, *node.decorator_list)]}")
        if node.bases or node.decorator_list or node.keywords:
            self.other.append(f"line {node.lineno}: class {node.name} builds on another")
        body = self.values.setdefault(node.name, {})
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                    continue
                case ast.Assign(targets=targets, value=value):
                    self.assigned(statement, targets, value, body)
                case ast.FunctionDef(name="__init__"):
                    self.initialised(statement, body)
                case _:
                    self.kept(statement)

    def initialised(self, node: ast.FunctionDef, body: dict[str, Any]) -> None:
        self.skeleton.append(f"def __init__: {ast.dump(node.args)}")
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                    continue
                case ast.Assign(targets=[ast.Attribute() as target], value=value) if _path(target)[:1] == ("self",):
                    self.assigned(statement, [target], value, _Growing({"self": body}))
                case ast.Assign(targets=[ast.Name() as target], value=value):
                    self.assigned(statement, [target], value, {})
                case _:
                    self.kept(statement)


class _Growing(dict[str, Any]):
    """A place where `self.a.b = 1` makes `a` when it is not there."""


def _home(into: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    """The dictionary that the last step of a path is set in; None when there is none."""
    if not path:
        return None
    home: Any = into
    for step in path[:-1]:
        if isinstance(into, _Growing) and isinstance(home, dict):
            home.setdefault(step, {})
        home = home.get(step) if isinstance(home, dict) else None
    return home if isinstance(home, dict) else None


def _path(target: ast.expr) -> tuple[str, ...]:
    """`("model", "head", "x")` of `model.head.x` or `model["head"]["x"]`; empty for what is no such target."""
    match target:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=inner, attr=name):
            return (*before, name) if (before := _path(inner)) else ()
        case ast.Subscript(value=inner, slice=ast.Constant(value=str() as name)):
            return (*before, name) if (before := _path(inner)) else ()
    return ()


def _stored(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every name that anything in the module gives a value, once for each time."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name, node
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                root = node.value
                while isinstance(root, ast.Attribute | ast.Subscript):
                    root = root.value
                if isinstance(root, ast.Name):
                    yield root.id, node
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name.split(".")[0], node) for alias in names)
            case ast.Global(names=words) | ast.Nonlocal(names=words):
                yield from ((word, node) for word in words for _ in range(2))


def _fixed_names(tree: ast.Module) -> frozenset[str]:
    counts = Counter(name for name, _ in _stored(tree))
    return frozenset(name for name, times in counts.items() if times == 1)


def _fault(where: str, found: str) -> DamoverError:
    return DamoverError(Fault(Code.REVISION_TREE, where, found, "Python source with the configuration as assignments"))


def read_literal(text: bytes, where: str) -> Any:
    """The one value written in a text file, as DAMO-YOLO reads its structure: lines joined, nothing computed."""
    try:
        joined = "".join(line.strip() for line in text[: MAX_BYTES + 1].decode("utf-8").splitlines())
        if len(joined) > MAX_BYTES:
            raise ValueError("too long")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = value_of(ast.parse(joined, mode="eval").body, Scope({}, frozenset()))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _fault(where, f"not a list that can be read ({type(error).__name__})") from error
    if computed_in(value):
        raise _fault(where, "not a list of texts and numbers alone")
    return value
