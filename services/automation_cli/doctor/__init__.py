"""`automation-cli doctor`: what it looks at, one file for each server."""
