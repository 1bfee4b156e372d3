"""From the text of a rules file to validated rules, or to all of its faults with their paths and lines."""
