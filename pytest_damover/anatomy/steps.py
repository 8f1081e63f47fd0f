"""What each operation of a pickle does to stack and memo, and which of them would run or import something."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_damover.anatomy.opcodes import BrokenPickleError
from pytest_damover.anatomy.rebuild import storage_named
from pytest_damover.anatomy.values import Global, Opaque, StoredTensor, UnreadTensor

if TYPE_CHECKING:
    from pytest_damover.anatomy.machine import Machine

NEWEST_PROTOCOL = 5
_SCALARS = (str, bytes, bool, float, type(None))


def _mark(machine: Machine, _: bytes) -> None:
    machine.marked.append(machine.stack)
    machine.stack = []


def _pop(machine: Machine, _: bytes) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()


def _pop_mark(machine: Machine, _: bytes) -> None:
    machine.pop_mark()


def _dup(machine: Machine, _: bytes) -> None:
    machine.stack.append(machine.stack[-1])


def _get(machine: Machine, raw: bytes) -> None:
    machine.stack.append(machine.memo[int.from_bytes(raw, "little")])


def _put(machine: Machine, raw: bytes) -> None:
    machine.memo[int.from_bytes(raw, "little")] = machine.stack[-1]


def _text_get(machine: Machine, raw: bytes) -> None:
    machine.stack.append(machine.memo[int(raw)])


def _text_put(machine: Machine, raw: bytes) -> None:
    machine.memo[int(raw)] = machine.stack[-1]


def _memoize(machine: Machine, _: bytes) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _proto(_: Machine, raw: bytes) -> None:
    if raw[0] > NEWEST_PROTOCOL:
        raise BrokenPickleError(f"protocol {raw[0]}")


def _nothing(_: Machine, __: bytes) -> None:
    pass


def _tuple_of(count: int) -> Callable[[Machine, bytes], None]:
    def build(machine: Machine, _: bytes) -> None:
        if len(machine.stack) < count:
            raise IndexError("fewer things than the tuple takes")
        machine.stack[-count:] = [tuple(machine.stack[-count:])]

    return build


def _marked(build: Callable[[list[Any]], Any]) -> Callable[[Machine, bytes], None]:
    def step(machine: Machine, _: bytes) -> None:
        items = machine.pop_mark()
        machine.stack.append(build(items))

    return step


def _dict(items: list[Any]) -> dict[Any, Any]:
    return {_key(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def _frozen(items: list[Any]) -> frozenset[Any]:
    return frozenset(map(_key, items))


def _append(machine: Machine, _: bytes) -> None:
    value = machine.stack.pop()
    _extend(machine, [value])


def _appends(machine: Machine, _: bytes) -> None:
    items = machine.pop_mark()
    _extend(machine, items)


def _extend(machine: Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is list:
        target.extend(items)
    else:
        machine.find("appends to something that is no list")


def _set_item(machine: Machine, _: bytes) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _update(machine, [key, value])


def _set_items(machine: Machine, _: bytes) -> None:
    items = machine.pop_mark()
    _update(machine, items)


def _update(machine: Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is dict:
        target.update(_dict(items))
    elif type(target) is not Opaque:
        machine.find("sets items of something that is no dictionary")


def _add_items(machine: Machine, _: bytes) -> None:
    items = machine.pop_mark()
    target = machine.stack[-1]
    if type(target) is set:
        target.update(map(_key, items))
    else:
        machine.find("adds to something that is no set")


def _global(machine: Machine, raw: bytes) -> None:
    module, name = two_names(raw)
    machine.stack.append(machine.imported(module, name))


def _stack_global(machine: Machine, _: bytes) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(machine.imported(module, name))


def _reduce(machine: Machine, _: bytes) -> None:
    args, called = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(machine.call(called, args))


def _new(machine: Machine, _: bytes) -> None:
    _reduce(machine, b"")


def _new_with_keywords(machine: Machine, _: bytes) -> None:
    machine.stack.pop()
    _reduce(machine, b"")


def _inst(machine: Machine, raw: bytes) -> None:
    called = machine.imported(*two_names(raw))
    args = machine.pop_mark()
    machine.stack.append(machine.call(called, tuple(args)))


def _obj(machine: Machine, _: bytes) -> None:
    called, *args = machine.pop_mark()
    machine.stack.append(machine.call(called, tuple(args)))


def _build(machine: Machine, _: bytes) -> None:
    machine.stack.pop()
    target = machine.stack[-1]
    if not isinstance(target, dict | Opaque | StoredTensor | UnreadTensor):
        machine.find(f"changes {target if isinstance(target, Global) else 'something that it did not build'}")


def _extension(machine: Machine, _: bytes) -> None:
    machine.find("imports a name by a number of the extension registry")
    machine.stack.append(Global("", "", False))


def _persistent(machine: Machine, _: bytes) -> None:
    storage = storage_named(machine.stack.pop()) if machine.torch_storages else None
    if storage is None:
        machine.find("asks the loader for an object by a persistent id")
    machine.stack.append(Opaque() if storage is None else storage)


def _text_persistent(machine: Machine, _: bytes) -> None:
    machine.find("asks the loader for an object by a persistent id")
    machine.stack.append(Opaque())


def _outside_buffer(machine: Machine, _: bytes) -> None:
    machine.find("asks the loader for a buffer from outside")
    machine.stack.append(Opaque())


STEPS: dict[str, Callable[[Machine, bytes], None]] = {
    "MARK": _mark, "POP": _pop, "POP_MARK": _pop_mark, "DUP": _dup, "PROTO": _proto, "FRAME": _nothing,
    "GET": _text_get, "BINGET": _get, "LONG_BINGET": _get, "PUT": _text_put, "BINPUT": _put, "LONG_BINPUT": _put,
    "MEMOIZE": _memoize,
    "TUPLE1": _tuple_of(1), "TUPLE2": _tuple_of(2), "TUPLE3": _tuple_of(3), "TUPLE": _marked(tuple),
    "LIST": _marked(list), "DICT": _marked(_dict), "FROZENSET": _marked(_frozen),
    "APPEND": _append, "APPENDS": _appends, "SETITEM": _set_item, "SETITEMS": _set_items, "ADDITEMS": _add_items,
    "GLOBAL": _global, "STACK_GLOBAL": _stack_global, "REDUCE": _reduce, "NEWOBJ": _new,
    "NEWOBJ_EX": _new_with_keywords, "INST": _inst, "OBJ": _obj, "BUILD": _build,
    "EXT1": _extension, "EXT2": _extension, "EXT4": _extension,
    "BINPERSID": _persistent, "PERSID": _text_persistent,
    "NEXT_BUFFER": _outside_buffer, "READONLY_BUFFER": _nothing,
}  # fmt: skip


def two_names(raw: bytes) -> tuple[str, str]:
    module, name = raw.decode("utf-8").split("\n", 1)
    return module, name


def _key(value: Any) -> Any:
    """A key whose hash costs little and collides with nothing on purpose; what is none stands for itself alone."""
    if isinstance(value, _SCALARS) or (type(value) is int and abs(value) < 1 << 60):
        return value
    return Opaque()
