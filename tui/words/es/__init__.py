"""Spanish."""

from __future__ import annotations

PARTS = ("app", "cli", "evidence", "log", "night", "preview", "verify", "wait")
