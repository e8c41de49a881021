"""The pages say what is so: links lead somewhere, and commands are ones that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from tests.hygiene.tree import ROOT, project_files
from tui.cli.grammar import COMMON, find_verb

PAGES = [
    path for path in project_files() if path.suffix == ".md" and "tests/golden" not in str(path)
]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Each `orchsim ...` line of the pages' shell blocks with the page it is on."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                words = shlex.split(line.removeprefix("$ "), comments=True)
                if words and words[0] in {"orchsim", "./orchsim"}:
                    yield str(page.relative_to(ROOT)), words[1:]


def test_links_lead_somewhere() -> None:
    """A link to a file of the project leads to a file of the project."""
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]

    assert [] == broken


def test_commands_of_the_pages_exist() -> None:
    """Every command shown has a verb of the grammar, and only flags that the verb takes."""
    wrong = []
    shown = 0
    for page, words in commands():
        shown += 1
        verb = find_verb(words[0]) if words else None
        flags = {word.partition("=")[0] for word in words if word.startswith("--")}
        taken = {"--help", "--version"}
        if verb is not None:
            taken |= {option.flag for option in (*verb.options, *COMMON)}
        if flags - taken or (verb is None and words and not words[0].startswith("--")):
            wrong.append(f"{page}: orchsim {' '.join(words)}")

    assert [] == wrong
    assert shown > 0


def test_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's Python example runs as printed, and prints a digest and the objectives."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own page is what is tested
    printed = capsys.readouterr().out

    assert re.search(r"\b[0-9a-f]{64}\b", printed) is not None
    assert "('O1', False)" in printed
