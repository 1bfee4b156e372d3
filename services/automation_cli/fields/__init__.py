"""`automation-cli fields`: what the engine wants of each field, and how a person takes one back or gives one over."""
