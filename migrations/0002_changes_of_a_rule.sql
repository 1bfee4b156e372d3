-- The newest changes of one rule, as `automation-cli changes --rule` shows them, without reading those of all others.
CREATE INDEX ad_changes_rule ON ad_changes (rule_id, id);
