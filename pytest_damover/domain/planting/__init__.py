"""Candidates that are known to be wrong, planted in every run, so that the gate is tried on itself."""
