-- What a rule remembers between checks beyond its state: {"on": [leaf], "met_since": ms, "ended_at": ms}, each only if there
-- is something; null for most rules.
ALTER TABLE automation_rules ADD COLUMN memory jsonb;
