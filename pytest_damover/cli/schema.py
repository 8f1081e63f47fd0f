"""`damover schema`: what the readers go by."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pytest_damover.cli.output import say

KINDS = ("plan", "journal", "verdict", "case", "policy", "waivers", "golden")


def add(commands: Any) -> None:
    """Declare the command."""
    schema = commands.add_parser("schema", help="print the JSON Schema of a kind of file")
    schema.add_argument("kind", choices=KINDS)
    schema.set_defaults(run=_schema)


def _schema(options: argparse.Namespace) -> int:
    from pytest_damover import documents

    say(json.dumps(documents.schema(options.kind), ensure_ascii=False, indent=2))
    return 0
