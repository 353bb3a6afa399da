"""The fields of JSON bodies, declared once: the same declaration reads a body and writes its schema.

Every refusal has status 422 and one of the codes `not_an_object`, `unknown_field`, `missing_field`, `wrong_type`,
`out_of_range`, `bad_text` and `unknown_choice`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.core.errors import Refusal


class FieldType(Protocol):
    """What a field may hold."""

    def read(self, value: object, where: str) -> Any:
        """Return the value as the services take it. Raises Refusal."""

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema (2020-12)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string of characters that can be printed, unless `printable` is off; `choices` if only some are allowed."""

    max_length: int = 200
    min_length: int = 1
    printable: bool = True
    choices: tuple[str, ...] = ()

    def read(self, value: object, where: str) -> str:
        """Return the text. Raises Refusal."""
        if not isinstance(value, str):
            raise _wrong_type(where, "a text", value)
        if self.choices and value not in self.choices:
            raise Refusal("unknown_choice", f"'{where}' must be one of {', '.join(self.choices)}.")
        if not self.min_length <= len(value) <= self.max_length:
            raise Refusal("out_of_range", f"'{where}' must have {self.min_length} to {self.max_length} characters.")
        if self.printable and not value.isprintable():
            raise Refusal("bad_text", f"'{where}' has control characters; send plain text on one line.")
        return value

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        return {"type": "string", "minLength": self.min_length, "maxLength": self.max_length}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in a range, both ends included. `true` is not a number."""

    minimum: int
    maximum: int

    def read(self, value: object, where: str) -> int:
        """Return the number. Raises Refusal."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(where, "a whole number", value)
        if not self.minimum <= value <= self.maximum:
            raise Refusal("out_of_range", f"'{where}' must be {self.minimum} to {self.maximum}.")
        return value

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: object, where: str) -> bool:
        """Return the flag. Raises Refusal."""
        if not isinstance(value, bool):
            raise _wrong_type(where, "true or false", value)
        return value

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Many:
    """A list of objects of one form."""

    item: Body
    max_items: int
    min_items: int = 0

    def read(self, value: object, where: str) -> list[dict[str, Any]]:
        """Return the list. Raises Refusal."""
        if not isinstance(value, list):
            raise _wrong_type(where, "a list", value)
        if not self.min_items <= len(value) <= self.max_items:
            raise Refusal("out_of_range", f"'{where}' must have {self.min_items} to {self.max_items} items.")
        return [self.item.read(item, f"{where}[{index}]") for index, item in enumerate(value)]

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        limits = {"minItems": self.min_items, "maxItems": self.max_items}
        return {"type": "array", "items": self.item.schema(), **limits}


@dataclass(frozen=True, slots=True)
class Field:
    """One named field. One that is not required and not sent, or sent as null, reads as `default`."""

    name: str
    type: FieldType
    required: bool = True
    default: object = None
    nullable: bool = False  # null is a value of its own, such as "without limit"
    right: str = ""  # that whoever sends it needs

    @property
    def inner(self) -> Body | None:
        """The object that it holds, or holds many of; None for anything else."""
        held = self.type.item if isinstance(self.type, Many) else self.type
        return held if isinstance(held, Body) else None

    def read(self, fields: Mapping[str, object], where: str) -> Any:
        """Return this field's value out of an object. Raises Refusal."""
        path = f"{where}.{self.name}" if where else self.name
        if self.name not in fields:
            if self.required:
                raise Refusal("missing_field", f"The field '{path}' is missing.")
            return self.default
        value = fields[self.name]
        if value is None and (self.nullable or not self.required):
            return None if self.nullable else self.default
        return self.type.read(value, path)

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        schema = self.type.schema()
        if self.required and not self.nullable:
            return schema
        return {"anyOf": [schema, {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Body:
    """An object: exactly these fields and no others; at the top of a body or inside one."""

    fields: tuple[Field, ...] = ()

    def read(self, value: object, where: str = "") -> dict[str, Any]:
        """Return the values by name, with defaults filled in. Raises Refusal."""
        if not isinstance(value, dict):
            if where:
                raise _wrong_type(where, "an object", value)
            raise Refusal("not_an_object", f"The body must be a JSON object, not {_kind(value)}.")
        names = [field.name for field in self.fields]
        for name in value:
            if name not in names:
                raise _unknown_field(name, names, where)
        return {field.name: field.read(value, where) for field in self.fields}

    def rights(self, values: Mapping[str, Any]) -> frozenset[str]:
        """Return the rights that the fields which were sent need, also those inside of others."""
        found: set[str] = set()
        for field in self.fields:
            value = values.get(field.name)
            if value is None or value == field.default:
                continue
            items = value if isinstance(field.type, Many) else [value]
            found |= {field.right} - {""}
            found.update(*(field.inner.rights(item) for item in items if field.inner))
        return frozenset(found)

    def all_rights(self) -> frozenset[str]:
        """Return every right that a field may need."""
        own = {field.right for field in self.fields} - {""}
        return frozenset(own.union(*(field.inner.all_rights() for field in self.fields if field.inner)))

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        return {
            "type": "object",
            "properties": {field.name: field.schema() for field in self.fields},
            "required": [field.name for field in self.fields if field.required],
            "additionalProperties": False,
        }


def _unknown_field(name: str, names: list[str], where: str) -> Refusal:
    path = f"{where}.{name[:40]}" if where else name[:40]
    near = difflib.get_close_matches(name[:40], names, n=1)
    if near:
        return Refusal("unknown_field", f"There is no field '{path}'; did you mean '{near[0]}'?")
    known = f"known are {', '.join(names)}" if names else "none is known here"
    return Refusal("unknown_field", f"There is no field '{path}'; {known}.")


def _wrong_type(where: str, wanted: str, value: object) -> Refusal:
    return Refusal("wrong_type", f"'{where}' must be {wanted}, not {_kind(value)}.")


_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a fraction",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "null")
