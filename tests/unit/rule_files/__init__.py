"""Rule files: every fault with its path, line and sentence."""
