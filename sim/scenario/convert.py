"""From YAML nodes to structs: any frozen msgspec struct, every problem in one pass.

A value that does not fit is reported where it stands and left out, so that the rest is still
converted and checked. The structs are the only description of what a file may hold.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import inspect as types

from sim.scenario.problems import Path, Problems, closest, did_you_mean
from sim.scenario.sorts import (
    DATE_HINT,
    INVALID,
    TEXT_WORDS,
    Invalid,
    convert_scalar,
    fits,
    found_words,
    wrong_sort,
)
from sim.scenario.text import Text

if TYPE_CHECKING:
    from sim.scenario.yaml_nodes import Node

S = TypeVar("S", bound=msgspec.Struct)


def convert(node: Node, struct: type[S], path: Path, problems: Problems) -> S | None:
    """`node` as a `struct`; None when something that it needs is missing or wrong."""
    made = _convert(node, struct_type(struct), path, problems)
    return made if isinstance(made, struct) else None


def convert_parts(
    node: Node,
    struct: type[msgspec.Struct],
    path: Path,
    problems: Problems,
    *,
    beside: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The fields of `struct` that `node` holds and that fit, each on its own, defaults filled in.

    What is missing or wrong is reported and absent from the result. `beside` are keys that the
    mapping may hold and that somebody else converts.
    """
    if node.entries is None:
        wrong_sort(node, struct_type(struct), path, problems)
        return {}
    kind = struct_type(struct)
    assert isinstance(kind, types.StructType)
    values, _ = _fields(node, kind, path, problems, beside=beside)
    for field in kind.fields:
        if field.name not in values and not field.required:
            values[field.name] = (
                field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
            )
    return values


def convert_items(
    node: Node | None, struct: type[S], path: Path, problems: Problems
) -> dict[str, S]:
    """A mapping from names to `struct`s; items that do not fit are reported and left out."""
    if node is None or (node.kind == "scalar" and node.scalar is None):
        return {}
    made = _convert(node, types.DictType(types.StrType(), struct_type(struct)), path, problems)
    return {} if isinstance(made, Invalid) else made


def convert_list(node: Node, struct: type[S], path: Path, problems: Problems) -> list[S]:
    """A list of `struct`s; items that do not fit are reported and left out."""
    made = _convert(node, types.ListType(struct_type(struct)), path, problems)
    return [] if isinstance(made, Invalid) else made


@lru_cache(maxsize=256)
def struct_type(struct: type[msgspec.Struct]) -> types.Type:
    """What msgspec knows about a struct's fields."""
    return types.type_info(struct)


def _convert(node: Node, kind: types.Type, path: Path, problems: Problems) -> Any:
    if isinstance(kind, types.StructType):
        return (
            _text(node, path, problems) if kind.cls is Text else _struct(node, kind, path, problems)
        )
    if isinstance(kind, types.UnionType):
        return _union(node, kind, path, problems)
    if isinstance(kind, types.DictType):
        return _dict(node, kind, path, problems)
    if isinstance(kind, types.ListType | types.VarTupleType | types.FrozenSetType):
        return _list(node, kind, path, problems)
    if isinstance(kind, types.TupleType):
        return _tuple(node, kind, path, problems)
    if isinstance(kind, types.AnyType):
        return node.plain()
    if isinstance(kind, types.RawType | types.ExtType | types.CustomType):  # pragma: no cover
        message = f"no struct of a file may hold {kind!r}"
        raise TypeError(message)
    return convert_scalar(node, kind, path, problems)


def _struct(node: Node, kind: types.StructType, path: Path, problems: Problems) -> Any:
    if node.entries is None:
        return wrong_sort(node, kind, path, problems)
    values, whole = _fields(node, kind, path, problems)
    if not whole:
        return INVALID
    try:
        return kind.cls(**values)
    except ValueError as error:
        problems.at(path, "E-VALUE", str(error))
        return INVALID


def _fields(
    node: Node,
    kind: types.StructType,
    path: Path,
    problems: Problems,
    *,
    beside: frozenset[str] = frozenset(),
) -> tuple[dict[str, Any], bool]:
    """The fields that fit, by name, and whether every field that is required is among them."""
    fields = {field.encode_name: field for field in kind.fields}
    known = [*fields, *([kind.tag_field] if kind.tag_field else []), *sorted(beside)]
    for key in node.names():
        if key not in known:
            hint = did_you_mean(key, known)
            problems.at_key((*path, key), "E-KEY-UNKNOWN", f'unknown key "{key}"', hint=hint)
            problems.meant.add((*path, closest(key, known)))
    values: dict[str, Any] = {}
    whole = True
    for name, field in fields.items():
        child = node.get(name)
        if child is None:
            whole = whole and not field.required
            if field.required and (*path, name) not in problems.meant:
                problems.at_key(
                    path, "E-KEY-MISSING", f'the key "{name}" is missing', hint=f"add {name}: …"
                )
            continue
        value = _convert(child, field.type, (*path, name), problems)
        if not isinstance(value, Invalid):
            values[field.name] = value
        elif field.required:
            whole = False
    return values, whole


def _union(node: Node, kind: types.UnionType, path: Path, problems: Problems) -> Any:
    fitting = [one for one in kind.types if fits(node, one)]
    if not fitting:
        return wrong_sort(node, kind, path, problems)
    if len(fitting) > 1 and all(isinstance(one, types.StructType) for one in fitting):
        return _tagged(
            node, [one for one in fitting if isinstance(one, types.StructType)], path, problems
        )
    # a literal among texts is the narrower one, an int among numbers too
    for one in sorted(fitting, key=_breadth):
        trial = Problems(problems.root)
        value = _convert(node, one, path, trial)
        if not trial.found:
            return value
    problems.found.extend(trial.found)
    return value


def _tagged(node: Node, kinds: list[types.StructType], path: Path, problems: Problems) -> Any:
    """One of several structs, told apart by the tag field or by the one key that only it has."""
    field = kinds[0].tag_field
    if field is None:
        return _by_key(node, kinds, path, problems)
    tags = {str(kind.tag): kind for kind in kinds}
    tag = node.get(field)
    if tag is None:
        hint = f"{field} is one of {', '.join(tags)}"
        problems.at_key(path, "E-KEY-MISSING", f'the key "{field}" is missing', hint=hint)
        return INVALID
    if str(tag.scalar) not in tags:
        problems.at(
            (*path, field),
            "E-VALUE",
            f"{found_words(tag)} is no {field}",
            hint=did_you_mean(str(tag.scalar), tags),
        )
        return INVALID
    return _struct(node, tags[str(tag.scalar)], path, problems)


def _by_key(node: Node, kinds: list[types.StructType], path: Path, problems: Problems) -> Any:
    keys = set(node.names())

    def likeness(kind: types.StructType) -> int:
        return len(keys & {field.encode_name for field in kind.fields})

    return _struct(node, max(kinds, key=likeness), path, problems)


def _dict(node: Node, kind: types.DictType, path: Path, problems: Problems) -> Any:
    if node.entries is None:
        return wrong_sort(node, kind, path, problems)
    made = {}
    for key, entry in node.entries.items():
        value = _convert(entry.value, kind.value_type, (*path, key), problems)
        if not isinstance(value, Invalid):
            made[_key(key, kind.key_type, path, problems)] = value
    return made


def _key(key: str, kind: types.Type, path: Path, problems: Problems) -> Any:
    if isinstance(kind, types.DateType):
        try:
            return date.fromisoformat(key)
        except ValueError:
            problems.at_key((*path, key), "E-DATE", f'"{key}" is no date', hint=DATE_HINT)
    if isinstance(kind, types.LiteralType) and key not in kind.values:
        hint = did_you_mean(key, map(str, kind.values))
        problems.at_key((*path, key), "E-KEY-UNKNOWN", f'unknown key "{key}"', hint=hint)
    return key


def _list(node: Node, kind: Any, path: Path, problems: Problems) -> Any:
    if node.items is None:
        return wrong_sort(node, kind, path, problems)
    made = [
        _convert(item, kind.item_type, (*path, index), problems)
        for index, item in enumerate(node.items)
    ]
    kept = [value for value in made if not isinstance(value, Invalid)]
    if isinstance(kind, types.ListType):
        return kept
    return tuple(kept) if isinstance(kind, types.VarTupleType) else frozenset(kept)


def _tuple(node: Node, kind: types.TupleType, path: Path, problems: Problems) -> Any:
    if node.items is None or len(node.items) != len(kind.item_types):
        message = f"expected a list of {len(kind.item_types)}, found {found_words(node)}"
        problems.at(path, "E-TYPE", message)
        return INVALID
    pairs = zip(node.items, kind.item_types, strict=True)
    made = tuple(
        _convert(item, one, (*path, index), problems) for index, (item, one) in enumerate(pairs)
    )
    return INVALID if any(isinstance(value, Invalid) for value in made) else made


def _text(node: Node, path: Path, problems: Problems) -> Any:
    if node.entries is not None:
        texts = _dict(node, types.DictType(types.StrType(), types.StrType()), path, problems)
        if not texts:
            problems.at(path, "E-TEXT-EMPTY", "the text is in no language", hint="add en: …")
        return Text.of(texts)
    if isinstance(node.scalar, str):
        return Text.of(node.scalar)
    problems.at(path, "E-TYPE", f"expected {TEXT_WORDS}, found {found_words(node)}")
    return INVALID


def _breadth(kind: types.Type) -> int:
    if isinstance(kind, types.LiteralType | types.EnumType | types.NoneType):
        return 0
    return 2 if isinstance(kind, types.StrType | types.FloatType) else 1
