"""English."""

from __future__ import annotations

PARTS = ("cli", "evidence", "log", "night")
