"""What stands before every call of an outside service. See docs/decisions/0020-gate-before-every-call.md."""
