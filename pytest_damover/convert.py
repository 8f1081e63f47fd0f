"""`damover convert`: a twin of a revision that runs no code."""
