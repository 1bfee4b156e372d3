-- Whose expression a change is: not always that of the rule that made the decision (semantics 30).

ALTER TABLE ad_changes ADD COLUMN winner text; -- null: back to what applies at rest, a person's order, or before 0014
CREATE INDEX ad_changes_winner ON ad_changes (winner, finished_at) WHERE winner IS NOT NULL;
