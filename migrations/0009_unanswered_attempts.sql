-- A field knows every attempt that was not answered, and not only the last one (semantics 20, 25).

ALTER TABLE ad_fields
    ADD COLUMN unanswered jsonb NOT NULL DEFAULT '{}' -- value to when it was sent or last seen, in ms
        CONSTRAINT ad_fields_unanswered CHECK (jsonb_typeof(unanswered) = 'object');

-- What was kept beside a confirmed value was an older attempt.
UPDATE ad_fields
SET unanswered = jsonb_build_object(attempted, (extract(epoch FROM attempted_at) * 1000)::bigint),
    attempted = NULL, attempted_at = NULL
WHERE NOT answered AND applied = generation AND attempted_at IS NOT NULL;

ALTER TABLE ad_fields DROP COLUMN answered; -- a value that is still `attempted` at the next look had no answer
