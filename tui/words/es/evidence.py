"""Sentences of evidence."""

from __future__ import annotations

WORDS: dict[str, str] = {}
