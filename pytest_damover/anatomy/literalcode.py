"""The value of a Python expression, worked out only where it is written down and nothing has to run."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 40
MAX_TEXT = 200
_MAPPINGS = frozenset({"dict", "EasyDict", "edict"})
_MATHS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


@dataclass(frozen=True, slots=True)
class Computed:
    """An expression that is more than data, as its source."""

    source: str

    def __str__(self) -> str:
        return f"(computed) {self.source}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may refer to: names with one value in the whole module, and which calls only make a dict."""

    names: Mapping[str, Any]
    mappings: frozenset[str] = _MAPPINGS


def value_of(node: ast.expr, scope: Scope, depth: int = 0) -> Any:
    """Plain data (dict, list, text, number, truth value, None) with `Computed` for every part that is not written."""
    if depth > MAX_DEPTH:
        return Computed("nested too deep")
    match node:
        case ast.Constant(value=value):
            return value if _is_plain(value) else _computed(node)
        case ast.Name(id=name) if name in scope.names:
            return scope.names[name]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            if any(isinstance(part, ast.Starred) for part in parts):
                return _computed(node)
            return [value_of(part, scope, depth + 1) for part in parts]
        case ast.Dict(keys=keys, values=values):
            return _mapping(node, keys, values, scope, depth)
        case ast.Call(func=ast.Name(id=name)) if name in scope.mappings:
            return _call(node, scope, depth)
        case ast.UnaryOp(op=sign, operand=operand):
            return _signed(node, sign, value_of(operand, scope, depth + 1))
        case ast.BinOp(left=left, op=sign, right=right):
            return _sum(node, value_of(left, scope, depth + 1), sign, value_of(right, scope, depth + 1))
    return _computed(node)


def computed_in(value: Any, path: str = "") -> dict[str, Computed]:
    """Dotted path to every part of a value that is computed."""
    if isinstance(value, Computed):
        return {path: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {
        place: found
        for key, part in parts
        for place, found in computed_in(part, f"{path}.{key}" if path else str(key)).items()
    }


def source_of(node: ast.AST) -> str:
    """A node as source on one line, cut to `MAX_TEXT` characters."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return "nested too deep"
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _computed(node: ast.expr) -> Computed:
    return Computed(source_of(node))


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _mapping(
    node: ast.expr, keys: list[ast.expr | None], values: list[ast.expr], scope: Scope, depth: int
) -> dict[str, Any] | Computed:
    data = {}
    for key, value in zip(keys, values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return _computed(node)
        data[key.value] = value_of(value, scope, depth + 1)
    return data


def _call(node: ast.Call, scope: Scope, depth: int) -> dict[str, Any] | Computed:
    if len(node.args) > 1 or any(word.arg is None for word in node.keywords):
        return _computed(node)
    first = value_of(node.args[0], scope, depth + 1) if node.args else {}
    if not isinstance(first, dict):
        return _computed(node)
    return first | {str(word.arg): value_of(word.value, scope, depth + 1) for word in node.keywords}


def _signed(node: ast.expr, sign: ast.unaryop, value: Any) -> Any:
    if isinstance(sign, ast.Not) and isinstance(value, bool):
        return not value
    if isinstance(value, int | float) and not isinstance(value, bool) and isinstance(sign, ast.USub | ast.UAdd):
        return -value if isinstance(sign, ast.USub) else value
    return _computed(node)


def _sum(node: ast.expr, left: Any, sign: ast.operator, right: Any) -> Any:
    work = _MATHS.get(type(sign))
    if work is None or not all(isinstance(side, int | float) and abs(side) < 2**63 for side in (left, right)):
        return _computed(node)
    try:
        result = work(left, right)
    except ArithmeticError:
        return _computed(node)
    return result if _is_plain(result) else _computed(node)
