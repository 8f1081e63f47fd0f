"""Keeping a model's own code from the network, from secrets and from other people's files."""
