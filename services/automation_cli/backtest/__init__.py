"""A rule run over weather that was recorded: where that weather is read from, and how the outcome is shown."""
