-- Ad accounts with credentials of their own, accounts that were removed, and who changed what.

ALTER TABLE ad_accounts
    ADD COLUMN credentials text -- as Fernet encrypts, never in the clear
        CONSTRAINT ad_accounts_credentials_encrypted CHECK (credentials ~ '^gAAAAA[A-Za-z0-9_-]{90,}={0,2}$'),
    ADD COLUMN credentials_set_at timestamptz, -- later with every new set: it tells one from another
    ADD COLUMN removed_at timestamptz, -- it has a history, so it is hidden and not deleted
    ADD CONSTRAINT ad_accounts_credentials_dated CHECK ((credentials IS NULL) = (credentials_set_at IS NULL)),
    ADD CONSTRAINT ad_accounts_removed_bare CHECK (removed_at IS NULL OR credentials IS NULL);

-- An account of a platform is one unit of leases, limits and credentials; a removed one may be added anew.
ALTER TABLE ad_accounts DROP CONSTRAINT ad_accounts_once;
CREATE UNIQUE INDEX ad_accounts_once ON ad_accounts (platform, external_id) WHERE removed_at IS NULL;

-- What people changed by a command. Rows are added, and stay as they are.
CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_ms(),
    who text NOT NULL,
    what text NOT NULL, -- the command, such as `accounts add`
    subject text NOT NULL, -- such as `account meta-acme`
    before jsonb, -- without secrets
    after jsonb
);

CREATE FUNCTION refuse_edit_of_audit_log() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of audit_log stay as they are'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_log_append_only';
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit_of_audit_log();
