"""Meta Marketing API over the Graph, v26.0: https://developers.facebook.com/docs/marketing-api."""
