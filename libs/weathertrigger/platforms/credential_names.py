"""The credentials of each platform by their names, and which of them can be left out: the fields of its dataclass."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CredentialNames:
    """In the order in which a person is asked for them."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """The required ones first."""
        return self.required + self.optional


def names_of(credentials: type[object]) -> CredentialNames:
    """Those of a dataclass of credentials: a field that has a default may be left out."""
    assert dataclasses.is_dataclass(credentials)  # noqa: S101 - each platform's is one
    fields = dataclasses.fields(credentials)
    return CredentialNames(
        tuple(field.name for field in fields if field.default is dataclasses.MISSING),
        tuple(field.name for field in fields if field.default is not dataclasses.MISSING),
    )
