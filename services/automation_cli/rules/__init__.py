"""`automation-cli rules`: lists the rules, and deletes some."""
