"""Markdown as styled lines, for terminals of any kind: headings, emphasis, lists, tables, code.

Not a full Markdown: what the texts of scenarios use, and nothing that needs Unicode.
"""

from __future__ import annotations

import re

from rich.text import Text

_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`|(?<!\*)\*([^*\s][^*]*)\*(?!\*)")


def draw_markdown(text: str) -> Text:
    """The whole text, its paragraphs joined so that the terminal can wrap them."""
    drawn = Text()
    fenced = False
    for line in _joined(text):
        if line.startswith("```"):
            fenced = not fenced
            continue
        if fenced:
            drawn.append(f"  {line}\n", style="cyan")
        elif line.startswith("#"):
            drawn.append(line.lstrip("# ") + "\n", style="bold underline")
        elif re.fullmatch(r"\|[-| :]+\|", line.strip()):
            continue
        else:
            drawn.append_text(_inline(line))
            drawn.append("\n")
    drawn.rstrip()
    return drawn


def _joined(text: str) -> list[str]:
    """Lines of one paragraph or one list item put together; tables and code left as they are."""
    lines: list[str] = []
    fenced = False
    for line in text.strip().split("\n"):
        starts = not line.strip() or re.match(r"\s*([-*] |\d+[.)] |#|\||```|---)", line)
        if line.startswith("```"):
            fenced = not fenced
        if fenced or starts or not lines or not lines[-1].strip() or _stands_alone(lines[-1]):
            lines.append(line)
        else:
            lines[-1] += " " + line.strip()
    return _aligned(lines)


def _stands_alone(line: str) -> bool:
    return line.startswith(("#", "|", "```"))


def _aligned(lines: list[str]) -> list[str]:
    """Table cells padded to their column's width."""
    result: list[str] = []
    table: list[list[str]] = []

    def flush() -> None:
        if table:
            columns = max(map(len, table))
            cells = [[*row, *[""] * (columns - len(row))] for row in table]
            widths = [max(len(row[at]) for row in cells) for at in range(columns)]
            for row in cells:
                padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                result.append("  ".join(padded).rstrip())
            table.clear()

    for line in lines:
        if line.strip().startswith("|"):
            if not re.fullmatch(r"\|[-| :]+\|", line.strip()):
                cells = line.strip().strip("|").split("|")
                table.append([re.sub(r"`|\*\*", "", cell.strip()) for cell in cells])
            continue
        flush()
        result.append(line)
    flush()
    return result


def _inline(line: str) -> Text:
    drawn = Text()
    at = 0
    for found in _INLINE.finditer(line):
        drawn.append(line[at : found.start()])
        bold, code, italic = found.groups()
        drawn.append(bold or code or italic, style="bold" if bold else "cyan" if code else "italic")
        at = found.end()
    drawn.append(line[at:])
    return drawn
