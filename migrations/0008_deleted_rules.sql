-- Rules that are deleted, and have not put everything back yet. The row goes with the rule's last retiring mark (C11).
ALTER TABLE automation_rules
    ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT automation_rules_deleted CHECK (deleted_at IS NULL OR NOT enabled);
CREATE INDEX automation_rules_deleted ON automation_rules (id) WHERE deleted_at IS NOT NULL;
CREATE INDEX automation_rules_owner ON automation_rules (user_id, id);
