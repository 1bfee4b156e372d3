"""`automation-cli schema`: the JSON Schema by which editors complete and check rules files."""

import click

from services.automation_cli.output import show_document
from weathertrigger.rule_files.json_schema import json_schema


@click.command()
def schema() -> None:
    """Print the JSON Schema of rules files, for editors; docs/rules.schema.json is this."""
    show_document(json_schema())
