"""A run that pytest-xdist spreads over processes: one controller, which decides, and workers, which only run items.

Nothing here imports xdist: its objects are used by what they can do, and its hooks are optional.
"""
