-- Limits that an ad account has of its own, when the calls of a change left, and waits that a platform has asked for.

ALTER TABLE ad_accounts
    ADD COLUMN call_limit integer -- calls in the window of its platform's limit; NULL: what the settings say
        CONSTRAINT ad_accounts_call_limit CHECK (call_limit BETWEEN 5 AND 100000000);

ALTER TABLE ad_changes
    ADD COLUMN called_at timestamptz[] NOT NULL DEFAULT '{}', -- when the calls left that changed something, or may have
    ADD COLUMN most_attempts integer; -- the platform has given an error that is not worth more of them

ALTER TABLE ad_fields
    ADD COLUMN limited_until timestamptz; -- a platform has asked for a wait until then, which nobody cuts short
