-- add --
-- Something that a person should know, once.
INSERT INTO notifications (kind, subject, message) VALUES (%(kind)s, %(subject)s, %(message)s);
