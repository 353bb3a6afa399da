"""What the schemas of the answers are made of."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
WHOLE_OR_NULL: Schema = {"type": ["integer", "null"]}
OBJECT: Schema = {"type": "object"}
BY_LANGUAGE: Schema = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "In other languages, by their tags.",
}
COUNTS: Schema = {"type": "object", "additionalProperties": WHOLE}
TIME: Schema = {"type": "string", "description": "RFC 3339 in UTC."}


def object_of(**properties: Schema) -> Schema:
    """Describe an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def ref(name: str) -> Schema:
    """Name a schema of openapi.json."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(item: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": item}


def or_null(schema: Schema) -> Schema:
    """Allow null as well."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(values: Any) -> Schema:
    """Describe a text of a few."""
    return {"type": "string", "enum": [str(value) for value in values]}
