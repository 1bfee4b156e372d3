"""Typed settings from environment variables: each is declared once, and all that is wrong with them is told at once.

A service's `settings.py` is a frozen dataclass whose fields are declarations:

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Settings:
        database_url: str = DATABASE_URL.field()
        batch_places: int = Setting("FETCH_BATCH", whole_number(1), "Places of one message.", default=50).field()

        @classmethod
        def from_environment(cls, environ: Mapping[str, str]) -> Self:
            return read_settings(cls, environ)

`environs` collects the faults; `declarations(Settings)` lists what is declared, for the documentation and the CLI.
What a reader such as `whole_number` makes of a text is in `setting_readers.py`, what several services share in
`settings.py`.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import unquote, urlsplit

from environs import Env, EnvValidationError, ValidationError

from weathertrigger.errors import SettingsError

T = TypeVar("T")
S = TypeVar("S")

_DECLARATION = "setting"


class Required(Enum):
    """The default of a setting that has none."""

    REQUIRED = "required"


REQUIRED: Final = Required.REQUIRED


@dataclass(frozen=True)  # no slots: `Setting[str | None](...)` trips over them
class Setting(Generic[T]):
    """One environment variable.

    Attributes:
        name: of the variable.
        read: text to value; a ValueError says what the text must be, without quoting it ("must be a whole number").
        description: one line for the documentation.
        default: the value where the variable is not set or empty; REQUIRED if there is none.
        unit: of the text, such as `seconds`.
        secret: the value is never shown, nowhere.
    """

    name: str
    read: Callable[[str], T]
    description: str
    _: dataclasses.KW_ONLY
    default: T | Required = REQUIRED
    unit: str | None = None
    secret: bool = False

    def field(self) -> T:
        """This setting as a field of a dataclass."""
        metadata = {_DECLARATION: self}
        declared: Any  # as dataclasses.field is typed: what it returns stands for the value
        if self.default is REQUIRED:
            declared = dataclasses.field(metadata=metadata)
        else:
            declared = dataclasses.field(default=self.default, metadata=metadata)
        return declared  # type: ignore[no-any-return]  # the same pretence as that of dataclasses.field

    def optional(self) -> "Setting[T | None]":
        """The same variable where it may be left out."""
        return Setting(self.name, self.read, self.description, default=None, unit=self.unit, secret=self.secret)

    @property
    def default_text(self) -> str:
        """The default as one would write it in the environment; empty where there is none, `required` where needed."""
        if self.default is REQUIRED:
            return "required"
        if isinstance(self.default, timedelta):
            per_second = 1000 if self.unit == "milliseconds" else 1
            return f"{self.default.total_seconds() * per_second:.10g}"
        return "" if self.default is None else str(self.default)

    def from_text(self, text: str | None) -> T:
        """The value of the variable's text; None is "not set".

        Raises:
            ValidationError: with the whole sentence about what is wrong.
        """
        if text is None:
            if self.default is REQUIRED:
                raise ValidationError(f"{self.name} is not set ({self.description.rstrip('.')})")
            return self.default
        try:
            return self.read(text)
        except ValueError as error:
            quoted = "" if self.secret else f", and it is {text[:60]!r}"
            raise ValidationError(f"{self.name} {error}{quoted}") from None


def read_settings(settings: type[S], environ: Mapping[str, str]) -> S:
    """Builds a dataclass of declared settings from the environment. An empty variable counts as not set.

    Raises:
        SettingsError: with one sentence for each variable that is missing or wrong.
    """
    env = _Environment(environ)
    values = {field.name: env.setting(setting.name, None, setting=setting) for field, setting in _declared(settings)}
    try:
        env.seal()
    except EnvValidationError as error:
        by_variable = cast("Mapping[str, list[str]]", error.error_messages)
        raise SettingsError([fault for faults in by_variable.values() for fault in faults]) from None
    return settings(**values)


def secret_values(settings: object) -> tuple[str, ...]:
    """The texts in a settings object that must never be shown: its secrets, and of a URL the password or the key."""
    values = [getattr(settings, field.name) for field, setting in _declared(type(settings)) if setting.secret]
    texts = [text for value in values for text in (value if isinstance(value, tuple) else (value,))]
    return tuple(secret for text in texts if text is not None for secret in _secrets_in(str(text)))


def _secrets_in(text: str) -> tuple[str, ...]:
    if "://" not in text:
        return (text,)
    parts = urlsplit(text)
    secret = parts.password or (parts.username if parts.scheme.startswith("http") else None)
    return (secret, unquote(secret)) if secret else ()


def declarations(settings: type[object]) -> tuple["Setting[Any]", ...]:  # Any: settings of every type
    """The settings that a dataclass declares, in their order."""
    return tuple(setting for _, setting in _declared(settings))


def _declared(settings: type[object]) -> list[tuple["dataclasses.Field[Any]", "Setting[Any]"]]:  # Any: idem
    if not dataclasses.is_dataclass(settings):
        raise TypeError(f"{settings.__name__} is not a dataclass")
    fields = dataclasses.fields(settings)
    return [(field, field.metadata[_DECLARATION]) for field in fields]


class _Environment(Env):
    """Reads from a mapping that is handed in, never from the process's own environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self._handed_in = environ
        self.add_parser("setting", _read_one)

    def _get_value(self, env_key: str, default: object) -> object:
        return self._handed_in.get(env_key, "").strip() or default


def _read_one(text: str | None, *, setting: Setting[T]) -> T:
    return setting.from_text(text)
