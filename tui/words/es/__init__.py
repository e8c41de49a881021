"""Spanish."""

from __future__ import annotations

PARTS = (
    "app",
    "cli",
    "compare",
    "evidence",
    "log",
    "night",
    "preview",
    "rules",
    "verify",
    "wait",
)
