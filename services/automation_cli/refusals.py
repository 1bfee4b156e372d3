"""Why a command does not do, or not all of, what it was asked for: one sentence each, with its exit code."""

import click


class FolderInUse(click.ClickException):
    """Another `up` has the directory."""

    exit_code = 5


class OtherWorld(click.ClickException):
    """The database belongs to the sandbox and the real world is asked for, or the other way round."""

    exit_code = 5


class FolderUnusable(click.ClickException):
    """The directory cannot be made or written."""

    exit_code = 1


class SandboxSilent(click.ClickException):
    """The sandbox does not start."""

    exit_code = 1


class TooFewChecks(click.ClickException):
    """The time was over before the checks were there."""

    exit_code = 1


class WorthAWarning(click.ClickException):
    """Nothing is wrong with the rules, and no warning was wanted either."""

    exit_code = 2


class Unreachable(click.ClickException):
    """A server that the settings name does not answer, or does not let us in."""

    exit_code = 6


class NotRung(click.ClickException):
    """Redis could not be told of what PostgreSQL has taken."""

    exit_code = 6


class RuleDisabled(click.ClickException):
    """The rule is there, and is not to be checked."""

    exit_code = 5


class LettersStay(click.ClickException):
    """Dead letters that would only die again."""

    exit_code = 5


class SeveralPlaces(click.ClickException):
    """A name that more than one place has."""

    exit_code = 5


class Faulty(click.ClickException):
    """Something that the engine stands on does not work."""

    exit_code = 6


class StillRunning(click.ClickException):
    """The time was over before the workers had stopped."""

    exit_code = 1


class PausedOrNot(click.ClickException):
    """The account is paused already, or is not paused."""

    exit_code = 5


class AccountInUse(click.ClickException):
    """Something still depends on the account."""

    exit_code = 5


class Differing(click.ClickException):
    """A platform does not show what the engine wants."""

    exit_code = 1


class Drifted(click.ClickException):
    """A field is not as it was when that was decided which is to be done now."""

    exit_code = 5


class NothingToUndo(click.ClickException):
    """Nothing was changed, or nothing is changed any more."""

    exit_code = 5


class FieldNotSo(click.ClickException):
    """The field is in a state in which this cannot be done."""

    exit_code = 5
