"""Google Ads API v26 over REST, as far as status, budgets and bids of campaigns, ad groups and ads go."""
