"""Runs that never ran, on images drawn anew: how often a gate errs, and what harm it sees."""
