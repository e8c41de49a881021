"""The project's own files, read once: what the hygiene tests look at. Holds no rule itself."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = {".png", ".gz", ".whl"}


@lru_cache(maxsize=1)
def project_files() -> tuple[Path, ...]:
    """Every file that git tracks or would track; without git, every file outside hidden folders."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode == 0:
        paths = [ROOT / name for name in found.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not _is_hidden(path)]
    return tuple(sorted(path for path in paths if path.is_file() and path.suffix not in BINARY))


def python_files(*folders: str) -> tuple[Path, ...]:
    """The Python files below the folders of the checkout, sorted."""
    roots = tuple(ROOT / folder for folder in folders)
    return tuple(
        path
        for path in project_files()
        if path.suffix == ".py" and any(root in path.parents for root in roots)
    )


@cache
def syntax(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Each call of the module as its dotted name (`datetime.now`, `print`) and its line."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Each module that the module imports anywhere, with the line."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def module_name(path: Path) -> str:
    """`sim/kernel/loop.py` -> `sim.kernel.loop`; a package's `__init__` is the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def place(path: Path, line: int) -> str:
    """`sim/kernel/loop.py:12`, as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}"


def _is_hidden(path: Path) -> bool:
    skipped = {"__pycache__", "build", "dist"}
    return any(
        part.startswith(".") or part in skipped for part in path.relative_to(ROOT).parts[:-1]
    )
