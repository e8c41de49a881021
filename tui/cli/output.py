"""Owns stdout: data, and nothing but data. The only module that writes there.

Text goes out as UTF-8 whatever the locale, characters that the terminal cannot take are replaced,
and a reader that went away (`| head`) is not an error.
"""

from __future__ import annotations

import os
import sys


def write(text: str) -> None:
    """Write text to stdout as it is."""
    stream = sys.stdout
    try:
        binary = getattr(stream, "buffer", None)
        if binary is None:
            stream.write(text)
        else:
            stream.flush()
            binary.write(text.encode(_encoding(stream.encoding), errors="replace"))
            binary.flush()
    except BrokenPipeError:
        # Python would complain again when it flushes at exit; there is nobody left to read it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_json(value: object) -> None:
    """Write one JSON document, indented, keys in the order given."""
    import json  # noqa: PLC0415 - `--help` does without

    write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _encoding(named: str | None) -> str:
    """UTF-8 into files and pipes; a terminal that says it takes less gets less."""
    return "utf-8" if not sys.stdout.isatty() or named is None else named
