"""Google Ads API over REST, v26: https://developers.google.com/google-ads/api/rest/overview."""
