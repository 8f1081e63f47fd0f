"""A candidate beside its baseline: every case, object, slice and race, and what of it is let through."""
