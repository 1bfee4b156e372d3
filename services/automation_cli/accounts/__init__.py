"""`automation-cli accounts`: the ad accounts that rules may name, one file for each command or pair of them."""
