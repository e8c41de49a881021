"""A problem in a file that a person wrote: data only, rendered by whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem, with all a person needs to mend it."""

    code: str
    """Stable name of the kind of problem, `E-POOL-UNKNOWN`."""
    message: str
    """What is wrong, one sentence without a full stop."""
    file: str = ""
    """The file as the person named it; empty for text that has no file."""
    line: int = 1
    """Line, from 1."""
    column: int = 1
    """Column, from 1."""
    path: str = ""
    """Where in the document, `airflow.dags.ventas.tasks.extract.pool`."""
    hint: str = ""
    """What would be right; empty when nothing useful can be said."""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        return f"{self.severity}[{self.code}]: {where}{self.message}"
