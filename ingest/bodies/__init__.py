"""Which body does a written string mean?  Spelling, names, scoring: the parts behind `ingest.organisations`."""
