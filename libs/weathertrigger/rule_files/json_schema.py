"""The JSON Schema of rules files (draft 2020-12), made of the schemas that read them: for editors, not for the engine.

Whatever the engine takes it takes. It refuses unknown and missing keys, wrong types and unknown words; what depends on
several values at once, on the ad accounts or on the forecast only the engine knows.
"""

from typing import Any as Json  # JSON Schema, as others define it

from marshmallow import Schema

from weathertrigger.rule_files.schema import FILE_SCHEMA, MOST_RULES, RULE_SCHEMA, RULE_WITH_CASES_SCHEMA
from weathertrigger.rule_files.shapes import Shape, Writer, taken_by, written
from weathertrigger.rule_files.strict import Read
from weathertrigger.rule_files.templates import CSV, FOR_EACH
from weathertrigger.rule_files.what_keys_mean import MEANINGS

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PLACEHOLDER = {"type": "string", "pattern": r"\{[^{}]*\}"}


def json_schema() -> dict[str, Json]:
    """The schema of a whole file."""
    rule, template = _Writer("rule", takes_placeholders=False), _Writer("template", takes_placeholders=True)
    schemas = {
        "rule": _with_places(rule.keys_of(RULE_SCHEMA)),
        "rule_with_cases": _with_places(rule.keys_of(RULE_WITH_CASES_SCHEMA)),
        "template": _with_rows(_with_places(template.keys_of(RULE_SCHEMA)), rule),
        "template_with_cases": _with_rows(_with_places(template.keys_of(RULE_WITH_CASES_SCHEMA)), rule),
    }
    templates, plain = _either("cases", "template_with_cases", "template"), _either("cases", "rule_with_cases", "rule")
    each = _either(FOR_EACH, templates, plain)
    whole = rule.keys_of(FILE_SCHEMA)
    whole["properties"]["rules"] |= {"type": "array", "minItems": 1, "maxItems": MOST_RULES, "items": each}
    return {
        "$schema": _DRAFT,
        "title": "WeatherTrigger rules",
        "description": "Rules that change ads when the weather changes; docs/rules.md is the language.",
        **whole,
        "$defs": {**schemas, **rule.definitions, **template.definitions},
    }


def _either(key: str, with_it: str | dict[str, Json], without: str | dict[str, Json]) -> dict[str, Json]:
    """One schema where the key is there, and another where it is not."""
    then, otherwise = [{"$ref": f"#/$defs/{one}"} if isinstance(one, str) else one for one in (with_it, without)]
    return {"if": {"type": "object", "required": [key]}, "then": then, "else": otherwise}


def _with_places(rule: dict[str, Json]) -> dict[str, Json]:
    """One place, or several with a quorum."""
    several = {"required": ["places", "quorum"]}
    one = {"required": ["place"], "not": {"required": ["quorum"]}}
    return {**rule, "oneOf": [one, several]}


def _with_rows(rule: dict[str, Json], writer: Writer) -> dict[str, Json]:
    row = {"type": "object"}
    rows = {"anyOf": [writer.mapping(CSV), {"type": "array", "items": row, "minItems": 1, "maxItems": MOST_RULES}]}
    described = {"description": MEANINGS[FOR_EACH], **rows}
    return {
        **rule,
        "properties": {**rule["properties"], FOR_EACH: described},
        "required": [*rule["required"], FOR_EACH],
    }


class _Writer:
    """Writes shapes for rules, or for templates, where a placeholder may stand for any value."""

    def __init__(self, name: str, *, takes_placeholders: bool) -> None:
        self._name = name
        self._takes_placeholders = takes_placeholders
        self.definitions: dict[str, Json] = {}

    def value(self, shape: Shape) -> dict[str, Json]:
        inner = written(shape, self)
        return {"anyOf": [inner, _PLACEHOLDER]} if self._takes_placeholders else inner

    def mapping(self, schema: Schema, **more: object) -> dict[str, Json]:
        name = type(schema).__name__.removeprefix("_").removesuffix("Schema").lower()
        return self.defined(name, lambda _: {**self.keys_of(schema), **more})

    def keys_of(self, schema: Schema) -> dict[str, Json]:
        """A mapping with the keys of the schema and no others, as it stands."""
        properties, required = {}, []
        for name, field in schema.load_fields.items():
            assert isinstance(field, Read)  # noqa: S101 - no schema of rule files has another
            key = field.data_key or name
            described = {"description": MEANINGS[key]} if key in MEANINGS else {}
            properties[key] = {**described, **self.value(taken_by(field.reader))}
            if field.required:
                required.append(key)
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def defined(self, name: str, shape: Shape) -> dict[str, Json]:
        key = f"{self._name}_{name}"
        if key not in self.definitions:
            self.definitions[key] = {}  # where it contains itself, it is there already
            self.definitions[key] = written(shape, self)
        return {"$ref": f"#/$defs/{key}"}
