"""Reads the recorded decisions of the real systems that lie beside this module."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def recorded(kind: str, version: int) -> list[Any]:
    """The cases of one kind and version."""
    path = Path(__file__).parent / f"{kind}_v{version}.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        cases: list[Any] = json.load(file)["cases"]
    return cases
