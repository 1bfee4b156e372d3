"""The help of commands that hold other commands."""

from collections.abc import Iterator

import click

from services.automation_cli.__main__ import cli


def _groups(context: click.Context) -> Iterator[tuple[str, str, list[str]]]:
    """Its path, its help on one line, the first paragraph of each of its commands; then those of the groups in it."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    held = {name: command for name in group.list_commands(context) if (command := group.get_command(context, name))}
    paragraphs = [" ".join((command.help or "").split("\n\n")[0].split()) for command in held.values()]
    yield context.command_path, " ".join(context.get_help().split()), paragraphs
    for name, command in held.items():
        yield from _groups(click.Context(command, info_name=name, parent=context))


def test_the_first_sentence_of_each_command_is_whole() -> None:
    """No group leaves it to click, which cuts a sentence off where the line ends."""
    groups = list(_groups(click.Context(cli)))
    assert len(groups) > 1
    for path, help_text, paragraphs in groups:
        assert paragraphs, path
        for paragraph in paragraphs:
            assert paragraph.split(". ")[0].removesuffix(".") + "." in help_text, path
