"""What people order of the engine and ask it: one file for each, for any command or page that offers it."""
