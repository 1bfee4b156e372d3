-- add --
-- A new user.
INSERT INTO users (id) VALUES (%(id)s);

-- listed --
-- Every user with what is theirs.
SELECT u.id, coalesce(r.rules, 0) AS rules, coalesce(a.accounts, 0) AS accounts, u.created_at
FROM users u
LEFT JOIN (SELECT user_id, count(*) AS rules FROM automation_rules WHERE deleted_at IS NULL GROUP BY user_id) AS r ON r.user_id = u.id
LEFT JOIN (SELECT user_id, count(*) AS accounts FROM ad_accounts WHERE removed_at IS NULL GROUP BY user_id) AS a ON a.user_id = u.id
ORDER BY u.id;

-- beginning_with --
-- The ids of users that begin so, for the shell of whoever is typing one.
SELECT id FROM users WHERE starts_with(id, %(beginning)s) ORDER BY id LIMIT %(limit)s;
