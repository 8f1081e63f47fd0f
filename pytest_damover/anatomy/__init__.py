"""A revision's files, read and never run: what they may execute, what they say, in what two of them differ."""

from pytest_damover.anatomy.checkpoints import iter_tensors, leftovers
from pytest_damover.anatomy.classmaps import read_class_map
from pytest_damover.anatomy.compare import compare
from pytest_damover.anatomy.configs import read_config
from pytest_damover.anatomy.examine import Anatomy, examine, safety_of
from pytest_damover.anatomy.tensors import TensorBytes

__all__ = [
    "Anatomy",
    "TensorBytes",
    "compare",
    "examine",
    "iter_tensors",
    "leftovers",
    "read_class_map",
    "read_config",
    "safety_of",
]
