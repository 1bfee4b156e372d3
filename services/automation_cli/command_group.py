"""Commands that hold other commands: each of these is told in a sentence that is whole."""

import click

_LONGEST = 200
"""Characters of a sentence; click would cut it off where the line ends."""


class CommandGroup(click.Group):
    """A group whose help has the whole first sentence of each command, over several lines if need be."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the section "Commands"."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(_LONGEST)) for name, command in found if command])
