"""JSON Schema: made from the structs, closed, described, and true of the shipped files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sim.scenario.json_schema import json_schema
from sim.scenario.load import content_root
from sim.scenario.yaml_reader import read_yaml

FLAGSHIP = content_root() / "incident-revenue-zero"
TEMPLATE = content_root() / "_template"


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object schema with named properties inside a schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects(part)


@pytest.mark.parametrize("which", ["scenario", "config"])
def test_every_object_is_closed_and_described(which: Any) -> None:
    """No key passes unknown, and each struct says what it is."""
    found = list(objects(json_schema(which)))

    assert found
    assert [] == [one for one in found if one["additionalProperties"] is not False]
    assert [] == [one["properties"].keys() for one in found if not one["description"]]


@pytest.mark.parametrize("which", ["scenario", "config"])
def test_every_reference_leads_somewhere_and_it_is_json(which: Any) -> None:
    """The schema survives JSON, and what it refers to is in it."""
    schema = json_schema(which)
    text = json.dumps(schema)
    names = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}

    assert schema == json.loads(text)
    assert names == schema["$defs"].keys()


@pytest.mark.parametrize(
    ("which", "file"),
    [
        ("scenario", FLAGSHIP / "scenario.yaml"),
        ("scenario", TEMPLATE / "scenario.yaml"),
        ("config", FLAGSHIP / "config.yaml"),
        ("config", TEMPLATE / "config.yaml"),
        *[
            ("config", path)
            for path in sorted(FLAGSHIP.glob("[st]*/*.yaml"))
            if path.parent.name != "text"
        ],
    ],
    ids=lambda value: getattr(value, "stem", value),
)
def test_the_shipped_files_are_valid(which: Any, file: Any) -> None:
    """What loads is also right by the schema that editors use."""
    schema = json_schema(which)
    root = read_yaml(file.read_bytes(), source="").root
    assert root is not None

    assert [] == list(mistakes(root.plain(), schema, schema["$defs"], ""))


def test_a_wrong_file_is_not() -> None:
    """An unknown key, a wrong type and a missing section are each found."""
    schema = json_schema("config")
    wrong = {"orchestrator": "cron", "tasks": {"a": {"work": 5}}, "checkz": {}}

    assert 3 == len(list(mistakes(wrong, schema, schema["$defs"], "")))


_TYPES = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
    "boolean": bool, "null": type(None),
}  # fmt: skip


def mistakes(value: Any, schema: dict[str, Any], definitions: Any, path: str) -> Iterator[str]:  # noqa: C901, PLR0912
    """Where a value breaks a schema: the part of JSON Schema that ours uses."""
    if "$ref" in schema:
        yield from mistakes(value, definitions[schema["$ref"].rsplit("/", 1)[1]], definitions, path)
    if "anyOf" in schema and all(
        list(mistakes(value, one, definitions, path)) for one in schema["anyOf"]
    ):
        yield f"{path}: none of the choices"
    for one in schema.get("allOf", []):
        if not list(mistakes(value, one["if"], definitions, path)):
            yield from mistakes(value, one["then"], definitions, path)
    if "const" in schema and value != schema["const"]:
        yield f"{path}: not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value} not in {schema['enum']}"
    if "minimum" in schema and isinstance(value, int | float) and value < schema["minimum"]:
        yield f"{path}: too small"
    names = schema.get("type", [])
    types = [_TYPES[name] for name in ([names] if isinstance(names, str) else names)]
    if types and not any(isinstance(value, one) for one in types):
        yield f"{path}: not {names}"
        return
    if isinstance(value, dict):
        yield from (
            f"{path}: {key} is missing" for key in schema.get("required", []) if key not in value
        )
        properties = schema.get("properties", {})
        for key, part in value.items():
            inner = properties.get(key, schema.get("additionalProperties", {}))
            if inner is False:
                yield f"{path}.{key}: unknown"
            else:
                yield from mistakes(part, inner, definitions, f"{path}.{key}")
    if isinstance(value, list) and "items" in schema:
        for index, part in enumerate(value):
            yield from mistakes(part, schema["items"], definitions, f"{path}.{index}")
