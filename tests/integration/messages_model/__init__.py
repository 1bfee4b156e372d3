"""Every message of the installation in one bag: the real steps from the weather to the ads, and a sequential oracle."""
