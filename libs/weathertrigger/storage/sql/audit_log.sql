-- record --
-- Who did what to whom, and what it was before and after.
INSERT INTO audit_log (who, what, subject, before, after)
VALUES (%(who)s, %(what)s, %(subject)s, %(before)s, %(after)s);
