"""The commands that change something: each is in the audit log, as `test_audit_of_commands.py` proves."""

OF_RULES = frozenset({"apply", "schedule-rule", "run-now", "dry-run", "go-live", "rules delete"})
OF_FIELDS = frozenset({"undo", "fields release", "fields rebaseline", "pause", "resume"})
OF_ACCOUNTS = frozenset(
    {
        "accounts add",
        "accounts set-credentials",
        "accounts set-limit",
        "accounts cap",
        "accounts pause",
        "accounts resume",
        "accounts rotate-keys",
        "accounts remove",
    }
)
OF_THE_REST = frozenset({"setup", "users add", "dead-letters retry", "dead-letters drop", "stop-worker"})
AUDITED = OF_RULES | OF_FIELDS | OF_ACCOUNTS | OF_THE_REST
