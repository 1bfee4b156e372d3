"""The bells: one sorted set in Redis. Everything here may be lost and is rebuilt from PostgreSQL (protocol S)."""
