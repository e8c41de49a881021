"""The save file: whole after a kill at any instant, and set aside rather than overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.session.progress import FORMAT, Saved, Store

GAME = Saved(
    scenario="shop",
    text="orchestrator: cron\n# ñ €\n",
    undo=("a", "b"),
    redo=("c",),
    played=("a",),
    hints=2,
    predictions={"which": "gate"},
    solved=True,
    debriefed=True,
)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    """Every field comes back, whatever the text holds."""
    Store(tmp_path / "new" / "folder").save(GAME)

    assert Store(tmp_path / "new" / "folder").load("shop") == GAME


def test_no_file_is_no_game(tmp_path: Path) -> None:
    """A first game has nothing to go on with, and loading writes nothing."""
    assert Store(tmp_path).load("shop") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"format": 1, "scenario": "shop", "te',
        b"not json at all \xff\xfe",
        b"[]",
        b'{"format": 1, "scenario": "shop", "text": 5}',
        b'{"format": 1, "scenario": "another", "text": "x"}',
        b'{"format": %d, "scenario": "shop", "text": "x", "more": 1}' % (FORMAT + 1),
    ],
    ids=["empty", "brace", "torn", "bytes", "list", "wrong type", "foreign", "newer"],
)
def test_a_file_that_is_no_game_of_ours_is_set_aside(tmp_path: Path, content: bytes) -> None:
    """Its bytes are kept under another name, and a new game can be saved."""
    store = Store(tmp_path)
    store.path("shop").write_bytes(content)
    first = store.load("shop")
    store.save(GAME)

    assert first is None
    assert (tmp_path / "shop.broken-1").read_bytes() == content
    assert store.load("shop") == GAME


def test_a_second_broken_file_does_not_replace_the_first(tmp_path: Path) -> None:
    """Both are kept, with a number each."""
    store = Store(tmp_path)
    for content in (b"one", b"two"):
        store.path("shop").write_bytes(content)
        store.load("shop")

    assert [(tmp_path / f"shop.broken-{n}").read_bytes() for n in (1, 2)] == [b"one", b"two"]


KILLED = """
import os, sys
from pathlib import Path
from sim.session.progress import Saved, Store

real = getattr(*TARGET)
def die(*arguments, **keywords):
    if AFTER:
        real(*arguments, **keywords)
    os._exit(9)
setattr(*TARGET, die)
Store(Path(sys.argv[1])).save(Saved(scenario="shop", text="the new text"))
"""


@pytest.mark.parametrize(
    ("target", "after", "text"),
    [
        ('(os, "fdopen")', False, GAME.text),
        ('(os, "fsync")', False, GAME.text),
        ('(os, "fsync")', True, GAME.text),
        ('(Path, "replace")', False, GAME.text),
        ('(Path, "replace")', True, "the new text"),
    ],
    ids=["before writing", "before fsync", "after fsync", "before rename", "after rename"],
)
def test_a_kill_loses_at_most_the_save_under_way(
    tmp_path: Path, target: str, text: str, *, after: bool
) -> None:
    """The process ends without a farewell at each step: what loads is the old game or the new."""
    store = Store(tmp_path)
    store.save(GAME)
    code = KILLED.replace("*TARGET", f"*{target}").replace("AFTER", str(after))
    done = subprocess.run(
        [sys.executable, "-c", code, os.fspath(tmp_path)],
        check=False,
        cwd=Path(__file__).parents[3],
    )
    loaded = store.load("shop")

    assert done.returncode == 9
    assert loaded is not None
    assert loaded.text == text
    assert not list(tmp_path.glob("*.broken-*"))


def test_a_save_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk raises, the old game stays, and no half file is left."""
    store = Store(tmp_path)
    store.save(GAME)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.save(Saved(scenario="shop", text="x"))

    assert [path.name for path in tmp_path.iterdir()] == ["shop.json"]
    assert store.load("shop") == GAME
