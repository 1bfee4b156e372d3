"""Weather providers without a network: parsing, tables, bounds."""
