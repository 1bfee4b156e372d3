"""Google's token endpoint, `oauth2.googleapis.com/token`."""
