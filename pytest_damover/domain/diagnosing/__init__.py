"""Which errors a revision makes, from which score on; for the report, and decides nothing."""
