"""`automation-cli pause`, `resume` and `pauses`: the kill switch."""
