"""The sandbox's parts without a server."""
