"""`orchsim schema`: the JSON Schema of scenario.yaml or config.yaml, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.json_schema import json_schema
from tui.cli.diagnostics import ExitCode
from tui.cli.output import write_json

if TYPE_CHECKING:
    from tui.cli.commands import Call


def act(call: Call) -> int:
    """Print the schema as one JSON document."""
    write_json(json_schema(call["file"]))
    return ExitCode.MET
