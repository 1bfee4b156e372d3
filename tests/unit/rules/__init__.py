"""What a rule means, tested against oracles of its own."""
