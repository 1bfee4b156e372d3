"""`automation-cli help`: what there is, or how one command is used."""

import click


@click.command("help")
@click.argument("command", nargs=-1)
@click.pass_context
def help_command(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show what there is, or how COMMAND is used."""
    parent = ctx.parent
    assert parent is not None  # noqa: S101 - a command of the group always has it
    about = parent
    for name in command:
        group = about.command
        found = group.get_command(about, name) if isinstance(group, click.Group) else None
        if found is None:
            raise click.UsageError(f"There is no command {' '.join(command)!r}.", parent)
        about = click.Context(found, info_name=name, parent=about)
    click.echo(about.get_help())
