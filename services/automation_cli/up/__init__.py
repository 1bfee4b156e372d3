"""`automation-cli up`: everything at once on this machine, and a view of it."""
