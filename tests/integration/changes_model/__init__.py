"""Protocol C as a state machine: the real steps on a real database, a platform that fails, and a plain oracle."""
