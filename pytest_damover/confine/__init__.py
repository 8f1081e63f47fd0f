"""Keeping a model's own code from the network, from secrets and from other people's files.

A process confines itself, for good, with what the kernel offers to everybody: namespaces, Landlock, seccomp and limits.
No tool such as bubblewrap is used, for a tool starts a program, and this is entered by a child that was forked after
the expensive imports. What a system does not offer is reported as not prevented, with the reason.

What stays possible even where every guard is in force: to see that a file exists, its size and its times; to use the
processor and, up to the limits, memory and disk; and with a GPU any call to its driver.
"""

from __future__ import annotations

from pytest_damover.confine.confining import confine
from pytest_damover.confine.descriptors import close_fds
from pytest_damover.confine.environment import scrubbed

__all__ = ["close_fds", "confine", "scrubbed"]
