"""What the warehouse says about a statement it will not or cannot run."""

from __future__ import annotations


class SqlError(Exception):
    """A statement of the player's is wrong; the message is for the player and becomes a fact."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position
        """Place in the statement, characters from 0; None where no place is known."""

    def __str__(self) -> str:
        return self.message
