-- What a person ordered (`undo`) is carried out also where the rule ends meanwhile and would leave the value as it is.

ALTER TABLE ad_fields DROP CONSTRAINT ad_fields_ordered,
    ADD CONSTRAINT ad_fields_ordered CHECK (ordered IS NULL OR state IN ('held', 'settling'));
