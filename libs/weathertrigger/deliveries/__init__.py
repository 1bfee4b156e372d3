"""Messages on their way from Redis to a worker: taken, acknowledged, given back or dead; in the keys of Dramatiq."""
