"""How a breach of a JSON Schema is told: in words for people who write cases and policies, and need to know none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

Node = Mapping[str, Any]
MOST_KEYS = 5
IN_WORDS = "x-allowed"
"""The key under which a schema says in words what its pattern allows."""


def found_and_allowed(error: ValidationError, root: Node) -> tuple[str, str]:
    """What stands there, and what may. `root` is the schema that `error` is of, with its definitions."""
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    node, value = _node(error, root), cast("Any", error.instance)
    if keyword == "additionalProperties":
        return _unknown(value, node), _keys(node)
    if keyword == "required":
        missing = [key for key in node["required"] if key not in value]
        return f"no key{'s' * (len(missing) > 1)} {_quoted(missing)}", _keys(node)
    if keyword == "dependentRequired":
        return _alone(value, node["dependentRequired"])
    if keyword == "anyOf" and all("required" in choice for choice in node["anyOf"]):
        demands = ", ".join(key for choice in node["anyOf"] for key in choice["required"])
        return f"none of the keys that make a demand in {short(value)}", f"at least one of {demands}"
    if keyword == "minProperties":
        return short(value), f"at least one of {', '.join(node['properties'])}"
    if keyword == "uniqueItems":
        return f"{short(_twice(value))} stands twice", "a list in which nothing stands twice"
    if keyword == "maxLength":
        return f"a text of {len(value)} characters", form(node, root)
    if keyword == "maxItems":
        return f"a list of {len(value)} values", form(node, root)
    if "propertyNames" in error.schema_path:
        value = error.kind.error.instance  # type: ignore[attr-defined]
    return short(value), form(node, root) or cut(error.message, 400)


def form(node: Node, root: Node) -> str:
    """What a value under that schema looks like; '' where its kind has no words here."""
    node = _resolved(node, root)
    if "const" in node:
        return short(node["const"])
    if "enum" in node:
        return f"one of {', '.join(map(short, node['enum']))}"
    if "anyOf" in node and "type" not in node:
        return _either(form(choice, root) for choice in node["anyOf"])
    types = node.get("type", "string" if "pattern" in node else ())
    return _either(_FORMS[name](node) for name in ((types,) if isinstance(types, str) else types))


def short(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    return cut(json.dumps(value, ensure_ascii=False))


def cut(text: str, most: int = 120) -> str:
    """At most so many characters, the last three then being dots."""
    return text if len(text) <= most else text[: most - 3] + "..."


def _node(error: ValidationError, root: Node) -> Node:
    """The part of the schema that was broken, but for its keyword."""
    node: Any = root
    for step in list(error.schema_path)[:-1]:
        node = node[int(step)] if isinstance(node, list) else _resolved(node, root).get(str(step), {})
    return _resolved(node, root) if isinstance(node, Mapping) else {}


def _resolved(node: Node, root: Node) -> Node:
    while "$ref" in node:
        node = root["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def _keys(node: Node) -> str:
    return f"the keys {', '.join(node.get('properties', ()))}"


def _quoted(keys: Iterable[str]) -> str:
    return ", ".join(map(short, keys))


def _unknown(value: Mapping[str, Any], node: Node) -> str:
    known = list(node.get("properties", ()))
    unknown = [key for key in value if key not in known]
    told = []
    for key in unknown[:MOST_KEYS]:
        near = get_close_matches(cut(key), [one for one in known if one not in value], n=1)
        told.append(short(key) + (f" (perhaps {short(near[0])})" if near else ""))
    more = f" and {len(unknown) - MOST_KEYS} more" if len(unknown) > MOST_KEYS else ""
    return f"unknown key{'s' * (len(unknown) > 1)} {', '.join(told)}{more}"


def _alone(value: Mapping[str, Any], needs: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    lacking = {key: [one for one in needed if one not in value] for key, needed in needs.items() if key in value}
    alone = [key for key, missing in lacking.items() if missing]
    missing = _quoted(dict.fromkeys(one for key in alone for one in lacking[key]))
    return f"{_quoted(alone)} without {missing}", f"{missing} beside {'them' if len(alone) > 1 else 'it'}"


def _twice(values: Sequence[Any]) -> Any:
    texts = [json.dumps(value, sort_keys=True) for value in values]
    return next((value for at, value in enumerate(values) if texts[at] in texts[:at]), values)


def _either(forms: Iterable[str]) -> str:
    return "; or ".join(filter(None, forms))


def _number(kind: str, node: Node) -> str:
    if "minimum" in node and "maximum" in node:
        return f"{kind}, {short(node['minimum'])} to {short(node['maximum'])}"
    words = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}
    limits = [f"{word} {short(node[name])}" for name, word in words.items() if name in node]
    return f"{kind}, {' and '.join(limits)}" if limits else kind


def _text(node: Node) -> str:
    if "pattern" in node:
        words: str = node.get(IN_WORDS, f"a text that matches {node['pattern']}")
        return words
    return _counted("a text", "character", node.get("minLength", 0), node.get("maxLength"))


def _list(node: Node) -> str:
    return _counted("a list", "value", node.get("minItems", 0), node.get("maxItems"))


def _counted(what: str, unit: str, least: int, most: int | None) -> str:
    if most is None:
        return f"{what} of at least {least} {unit}{'s' * (least != 1)}" if least else what
    limits = f"at most {most}" if not least else str(most) if least == most else f"{least} to {most}"
    return f"{what} of {limits} {unit}{'s' * (most != 1)}"


_FORMS: Mapping[str, Callable[[Node], str]] = {
    "integer": lambda node: _number("a whole number", node),
    "number": lambda node: _number("a number", node),
    "string": _text,
    "array": _list,
    "boolean": lambda _: "true or false",
    "object": lambda _: "keys with values: {…}",
    "null": lambda _: "null",
}
