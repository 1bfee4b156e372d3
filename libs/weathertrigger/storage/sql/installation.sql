-- found --
-- A database that is used for the first time becomes one of this kind; one that was used before stays what it is.
INSERT INTO installation (outside_world, mode) VALUES (%(outside_world)s, %(mode)s)
ON CONFLICT DO NOTHING;

-- get --
-- What kind of installation this is.
SELECT outside_world, mode FROM installation;
