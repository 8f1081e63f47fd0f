"""pytest-damover: may this revision of a detection model replace the one in production, and how do you know?"""

__version__ = "0.1.0"
