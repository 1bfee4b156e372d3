"""Units, money, slots and places."""
