"""The border to other people's HTTP servers: bounded in time and size, JSON read strictly, no secret in any error."""
