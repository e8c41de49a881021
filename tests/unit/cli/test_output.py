"""stdout: bytes, JSON, readers that leave, terminals that take little."""

from __future__ import annotations

import io
import json
import sys

import pytest

from tui.cli.output import write, write_json


class Stream(io.TextIOWrapper):
    """A stdout that may be a terminal."""

    def __init__(self, *, encoding: str, tty: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._tty = tty

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._tty

    def written(self) -> bytes:
        """What was written."""
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


@pytest.mark.parametrize(
    ("encoding", "tty", "text", "written"),
    [
        ("ascii", False, "mañana ✓", "mañana ✓".encode()),
        ("utf-8", True, "mañana ✓", "mañana ✓".encode()),
        ("latin-1", True, "mañana ✓", "mañana ?".encode("latin-1")),
    ],
)
def test_encoding(
    encoding: str, *, tty: bool, text: str, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pipes and files get UTF-8 whatever the locale; a terminal gets what it can take."""
    stream = Stream(encoding=encoding, tty=tty)
    monkeypatch.setattr(sys, "stdout", stream)
    write(text)

    assert stream.written() == written


def test_json_keeps_letters_and_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Keys stay in the order given and letters are not escaped."""
    write_json({"z": "mañana", "a": [1]})

    text = capsys.readouterr().out
    assert json.loads(text) == {"z": "mañana", "a": [1]}
    assert text.index('"z"') < text.index('"a"')
    assert "mañana" in text
