"""Sentences of night."""

from __future__ import annotations

WORDS: dict[str, str] = {}
