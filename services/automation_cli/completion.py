"""`automation-cli completion SHELL`: the script that makes a shell complete commands, options and ids of rules."""

import click
from click.shell_completion import get_completion_class

_VARIABLE = "_AUTOMATION_CLI_COMPLETE"  # as click derives it from the name of the program
_PROGRAM = "automation-cli"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script by which SHELL completes automation-cli.

    \b
    bash: eval "$(automation-cli completion bash)" in ~/.bashrc
    zsh:  eval "$(automation-cli completion zsh)" in ~/.zshrc
    fish: automation-cli completion fish > ~/.config/fish/completions/automation-cli.fish

    It finds automation-cli in PATH. Ids of rules are completed while the database answers within a second.
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click knows all three
    click.echo(found(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source())
