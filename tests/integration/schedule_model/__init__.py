"""What the model of protocol S stands on: a clock and a history in the database, troubles, processes, mail, a judge."""
