"""Texts of a scenario that lie in files of their own, and its questions.

A missing text is a warning: the scenario can be played, but its author must be told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sim.scenario.convert import convert_list
from sim.scenario.problems import Problems
from sim.scenario.schema import Prediction
from sim.scenario.text import Text
from sim.scenario.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sim.scenario.problems import Path as DocumentPath

TEXT_BYTES_MAX = 200_000
"""Longest text file that is read."""
_FILE = re.compile(r"[\w][\w./-]*\.(md|txt)")


def read_texts(parts: Mapping[str, Any], problems: Problems, *, folder: Path) -> dict[str, Any]:
    """Every text of the file, with what the files that it names hold."""
    texts: dict[str, Any] = {}
    for key, part in parts.items():
        if isinstance(part, Text):
            texts[key] = _read_text(part, (key,), problems, folder)
        elif key == "hints":
            texts[key] = [
                _read_text(hint, (key, index), problems, folder) for index, hint in enumerate(part)
            ]
    return texts


def read_questions(
    parts: Mapping[str, Any], problems: Problems, *, folder: Path
) -> tuple[Prediction, ...]:
    """The questions asked before the first replay; none when the scenario has none."""
    name = parts.get("predictions")
    if name is None:
        return ()
    content = _read_file(name, ("predictions",), problems, folder)
    reading = read_yaml(content, source=str(folder / name))
    problems.found.extend(reading.problems)
    if reading.root is None:
        return ()
    inside = Problems(reading.root)
    questions = convert_list(reading.root, Prediction, (), inside)
    problems.found.extend(inside.found)
    return tuple(questions)


def _read_text(text: Text, path: DocumentPath, problems: Problems, folder: Path) -> Text:
    read = {}
    for language, value in text.by_language.items():
        where = (*path, language) if language else path
        read[language] = (
            _read_file(value, where, problems, folder) if _FILE.fullmatch(value) else value
        )
    return Text(read)


def _read_file(name: str, path: DocumentPath, problems: Problems, folder: Path) -> str:
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        problems.at(path, "E-FILE-OUTSIDE", f"{name} lies outside of the scenario's folder")
        return ""
    try:
        content = file.read_bytes()
    except OSError:
        message = f"there is no file {name} in the scenario's folder"
        problems.at(
            path,
            "W-FILE-MISSING",
            message,
            hint=f"write {file.name}, or put the text here",
            severity="warning",
        )
        return ""
    if len(content) > TEXT_BYTES_MAX:
        message = f"{name} has {len(content):,} bytes, the most that is read is {TEXT_BYTES_MAX:,}"
        problems.at(path, "E-FILE-BYTES", message)
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeError:
        problems.at(path, "E-FILE-ENCODING", f"{name} is not UTF-8", hint="save it as UTF-8")
        return ""
