"""`python -m pytest_damover.cli`, where the console script is not on the path."""

from pytest_damover.cli import main

raise SystemExit(main())
