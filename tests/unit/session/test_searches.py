"""What searches leave for later ones."""

from __future__ import annotations

from pathlib import Path

from sim.session.searches import Searches, after, load_searches, save_searches
from sim.verify.plan import Gene

PLAN = (Gene("rerun", (0, 1)),)


def test_it_is_read_back(tmp_path: Path) -> None:
    """Plans that broke something, and where a search was stopped."""
    kept = after(Searches(), search="a", broken=PLAN, stopped_at=32)
    save_searches(tmp_path / "deep" / "x.json", kept)

    assert load_searches(tmp_path / "deep" / "x.json") == kept
    assert (kept.broken, kept.stopped) == ((PLAN,), {"a": 32})


def test_a_torn_file_keeps_nothing(tmp_path: Path) -> None:
    """It costs time, and no more."""
    (tmp_path / "x.json").write_text("{", encoding="utf-8")

    assert load_searches(tmp_path / "x.json") == Searches()


def test_a_search_that_ends_is_not_gone_on_with() -> None:
    """Neither is the same plan kept twice."""
    stopped = after(Searches(), search="a", broken=PLAN, stopped_at=32)

    assert Searches(broken=(PLAN,)) == after(stopped, search="a", broken=PLAN, stopped_at=None)
