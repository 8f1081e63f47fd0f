"""A revision's files, read and never run: what they may execute, what they say, in what two of them differ."""
