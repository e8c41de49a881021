"""JSON Schema (draft 2020-12) of scenario.yaml and config.yaml, for completion in editors.

Made from the same structs that files are converted with, so that it cannot say anything else;
descriptions are the structs' own docstrings. Objects are closed.
"""

from __future__ import annotations

import ast
import inspect
from functools import lru_cache
from itertools import pairwise
from textwrap import dedent
from typing import Any, Literal

import msgspec
from msgspec import inspect as types

from sim.orchestrators.registry import ORCHESTRATORS
from sim.scenario.schema import ConfigFile, ScenarioFile
from sim.scenario.text import Text

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(which: Literal["scenario", "config"]) -> dict[str, Any]:
    """The JSON Schema of `scenario.yaml` or `config.yaml`, ready to be written as JSON."""
    root = ScenarioFile if which == "scenario" else ConfigFile
    definitions: dict[str, Any] = {}
    schema = _struct(types.type_info(root), definitions)
    if which == "config":
        for name, section in ORCHESTRATORS.items():
            schema["properties"][name] = _any(types.type_info(section.struct), definitions)
        schema["allOf"] = [
            {"if": {"properties": {"orchestrator": {"const": name}}}, "then": {"required": [name]}}
            for name in ORCHESTRATORS
        ]
    return {
        "$schema": DIALECT,
        "title": f"orchsim {which}.yaml",
        **schema,
        "$defs": dict(sorted(definitions.items())),
    }


def field_descriptions(struct: type) -> dict[str, str]:
    """From a struct's field to the docstring under it, inherited fields included."""
    described: dict[str, str] = {}
    for cls in reversed(struct.__mro__):
        if issubclass(cls, msgspec.Struct) and cls is not msgspec.Struct:
            described.update(_own_descriptions(cls))
    return described


@lru_cache(maxsize=256)
def _own_descriptions(struct: type) -> dict[str, str]:
    try:
        tree = ast.parse(dedent(inspect.getsource(struct)))
    except (OSError, TypeError, SyntaxError):
        # without its source (a frozen program) a schema has no descriptions but is still right
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    described = {}
    for statement, after in pairwise(body):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            described[statement.target.id] = " ".join(after.value.value.split())
    return described


def _any(kind: types.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, types.StructType):
        return _reference(kind, definitions)
    if isinstance(kind, types.UnionType):
        return _union(kind, definitions)
    if isinstance(kind, types.DictType):
        return {"type": "object", "additionalProperties": _any(kind.value_type, definitions)}
    if isinstance(kind, types.ListType | types.VarTupleType | types.FrozenSetType):
        return {"type": "array", "items": _any(kind.item_type, definitions)}
    if isinstance(kind, types.TupleType):
        items = [_any(one, definitions) for one in kind.item_types]
        return {
            "type": "array",
            "prefixItems": items,
            "minItems": len(items),
            "maxItems": len(items),
        }
    if isinstance(kind, types.LiteralType):
        return {"const": kind.values[0]} if len(kind.values) == 1 else {"enum": list(kind.values)}
    if isinstance(kind, types.EnumType):
        return {"enum": [member.value for member in kind.cls]}
    if isinstance(kind, types.IntType | types.FloatType):
        return _number(kind)
    return next(
        (dict(schema) for sort, schema in _SIMPLE if isinstance(kind, sort)), {"type": "string"}
    )


_SIMPLE: tuple[tuple[Any, dict[str, Any]], ...] = (
    (types.AnyType, {}),
    (types.NoneType, {"type": "null"}),
    (types.BoolType, {"type": "boolean"}),
    (types.DateType, {"type": "string", "format": "date"}),
)


def _number(kind: types.IntType | types.FloatType) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer" if isinstance(kind, types.IntType) else "number"}
    names = (
        ("ge", "minimum"),
        ("gt", "exclusiveMinimum"),
        ("le", "maximum"),
        ("lt", "exclusiveMaximum"),
    )
    for attribute, name in names:
        if (bound := getattr(kind, attribute)) is not None:
            schema[name] = bound
    return schema


def _union(kind: types.UnionType, definitions: dict[str, Any]) -> dict[str, Any]:
    choices = [_any(one, definitions) for one in kind.types]
    simple = [one["type"] for one in choices if one.keys() == {"type"}]
    if len(simple) == len(choices):
        return {"type": simple}
    return {"anyOf": choices}


def _reference(kind: types.StructType, definitions: dict[str, Any]) -> dict[str, Any]:
    name = _name(kind.cls)
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _text() if kind.cls is Text else _struct(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _name(struct: type) -> str:
    """A name of its own: several orchestrators have a `Schedule`, a `Task`, a `Sensor`."""
    _, found, inside = struct.__module__.partition("sim.orchestrators.")
    return f"{inside.partition('.')[0]}.{struct.__name__}" if found else struct.__name__


def _text() -> dict[str, Any]:
    by_language = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}
    return {"description": _summary(Text), "anyOf": [{"type": "string"}, by_language]}


def _struct(kind: types.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    assert isinstance(kind, types.StructType)
    described = field_descriptions(kind.cls)
    properties: dict[str, Any] = {}
    if kind.tag_field is not None:
        properties[kind.tag_field] = {"const": kind.tag}
    for field in kind.fields:
        schema = _any(field.type, definitions)
        if field.name in described:
            schema = {**schema, "description": described[field.name]}
        if _is_plain(field.default):
            schema = {**schema, "default": field.default}
        properties[field.encode_name] = schema
    required = [field.encode_name for field in kind.fields if field.required]
    return {
        "type": "object",
        "description": _summary(kind.cls),
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _is_plain(default: Any) -> bool:
    return isinstance(default, str | int | float | bool)


def _summary(struct: type) -> str:
    return " ".join((inspect.getdoc(struct) or "").split("\n\n")[0].split())
