"""Trains the four revisions of the embedded demo model on rendered scenes."""
