"""What a rule means: verdicts, explanations, who wins a field, what a field should be. Pure: no I/O, no clock."""
