"""Meta's Graph API v26.0, as far as status and budgets of campaigns, ad sets and ads go."""
