-- By how much the budgets of an account may be raised on one day, in major units of its currency (semantics 22).
ALTER TABLE ad_accounts
    ADD COLUMN largest_raise_a_day numeric CONSTRAINT ad_accounts_largest_raise CHECK (largest_raise_a_day > 0);
