"""PostgreSQL, in raw SQL: statements live in `sql/*.sql` by aggregate, the functions beside them give them types."""
