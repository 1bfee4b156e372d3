"""`make bench`: checks per second held against what Dramatiq and PostgreSQL alone can do, and how late checks are."""
