"""What is common to everything that is set to a value or changed from its baseline: one way or the other."""

from collections.abc import Mapping
from types import MappingProxyType

from marshmallow import ValidationError, validates_schema

from weathertrigger.rule_files.strict import StrictSchema

ONE_WAY: Mapping[str, object] = MappingProxyType({"oneOf": [{"required": ["to"]}, {"required": ["change"]}]})
"""The same for a JSON Schema."""


class OneWaySchema(StrictSchema):
    """`{to: ...}` or `{change: ..., min: ..., max: ...}`; a subclass declares the four."""

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def one_way(self, _data: object, original: Mapping[str, object], **_: object) -> None:
        """Exactly one of a value and a change; bounds belong to a change."""
        if ("to" in original) == ("change" in original):
            raise ValidationError("needs exactly one of to or change")
        if "to" in original and ("min" in original or "max" in original):
            raise ValidationError("min and max belong to a change; an amount stands alone")
