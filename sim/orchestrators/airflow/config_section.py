"""What every part of an `airflow:` section has in common."""

from __future__ import annotations

import msgspec

Span = str | int | float
"""`"15m"`, `"1h30m"`, or seconds."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Closed and immutable, as every part of a config."""
