"""The recorded weather of 2013, and what is derived from it because it was not recorded."""
