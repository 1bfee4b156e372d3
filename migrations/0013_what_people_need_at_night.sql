-- What is stopped and by whom, who caused a change, what a person ordered for a field; finished changes stay as they are.

-- The kill switch (semantics 28): as long as a row is here, nothing that it covers is written. Ended pauses are in the
-- audit log.
CREATE TABLE pauses (
    scope text NOT NULL CONSTRAINT pauses_scope CHECK (scope IN ('all', 'user', 'account', 'rule')),
    subject text NOT NULL, -- the id of the user, account or rule; '' where everything is meant
    reason text NOT NULL,
    reverts boolean NOT NULL DEFAULT false, -- whether fields without a live winner are still put back
    who text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_ms(),
    CONSTRAINT pauses_once PRIMARY KEY (scope, subject),
    CONSTRAINT pauses_subject CHECK ((scope = 'all') = (subject = ''))
);
INSERT INTO pauses (scope, subject, reason, who)
SELECT 'account', id, paused_reason, 'before 0013' FROM ad_accounts WHERE paused_reason IS NOT NULL AND removed_at IS NULL;
ALTER TABLE ad_accounts DROP COLUMN paused_reason;

-- A value that a person ordered (`undo`): written whoever has the say, and then held.
ALTER TABLE ad_fields ADD COLUMN ordered text,
    ADD CONSTRAINT ad_fields_ordered CHECK (ordered IS NULL OR state = 'held');

-- By what a person can name fields.
CREATE VIEW field_scopes AS
SELECT f.id AS field_id, 'all' AS scope, '' AS subject FROM ad_fields f
UNION ALL SELECT f.id, 'account', f.account_id FROM ad_fields f
UNION ALL SELECT f.id, 'user', a.user_id FROM ad_fields f JOIN ad_accounts a ON a.id = f.account_id
UNION ALL SELECT t.field_id, 'rule', t.rule_id FROM rule_targets t;

-- The pauses that forbid a write of a field now. That of a rule: what the rule has the say over, and what it gave up.
CREATE VIEW field_pauses AS
SELECT f.id AS field_id, p.*
FROM ad_fields f
JOIN ad_accounts a ON a.id = f.account_id
JOIN pauses p ON CASE p.scope
    WHEN 'all' THEN true
    WHEN 'user' THEN p.subject = a.user_id
    WHEN 'account' THEN p.subject = a.id
    WHEN 'rule' THEN coalesce(
        f.winner ->> 'rule' = p.subject,
        EXISTS (SELECT FROM rule_targets t WHERE t.field_id = f.id AND t.rule_id = p.subject))
    END
WHERE NOT (p.reverts AND (f.winner IS NULL OR f.ordered IS NOT NULL));

-- The pauses of whole accounts.
CREATE VIEW account_pauses AS
SELECT a.id AS account_id, p.*
FROM ad_accounts a
JOIN pauses p ON p.scope = 'all' OR p.scope = 'user' AND p.subject = a.user_id OR p.scope = 'account' AND p.subject = a.id;

-- Who made somebody decide: the engine by a verdict, or a person by a command.
ALTER TABLE ad_changes ADD COLUMN who text NOT NULL DEFAULT 'engine';

-- One open change of a decision; a decision that has to be carried out again is another row (semantics 31).
DROP INDEX ad_changes_generation;
CREATE UNIQUE INDEX ad_changes_once_open ON ad_changes (field_id, generation) WHERE NOT dry_run AND finished_at IS NULL;
CREATE INDEX ad_changes_generation ON ad_changes (field_id, generation);
CREATE INDEX ad_changes_execution ON ad_changes (execution_id) WHERE execution_id IS NOT NULL;

CREATE FUNCTION refuse_edit_of_finished_changes() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'finished changes stay as they are'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ad_changes_append_only';
END
$$;
CREATE TRIGGER ad_changes_append_only BEFORE UPDATE ON ad_changes
    FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION refuse_edit_of_finished_changes();
CREATE TRIGGER ad_changes_stay BEFORE DELETE OR TRUNCATE ON ad_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit_of_finished_changes();
