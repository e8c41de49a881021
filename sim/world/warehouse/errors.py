"""What the warehouse says about a statement it will not or cannot run."""

from __future__ import annotations


class SqlError(Exception):
    """A statement of the player's is wrong; the message is for the player and becomes a fact."""
