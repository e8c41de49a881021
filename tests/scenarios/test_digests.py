"""Golden digests: a journal changes when somebody meant it to, on every machine alike.

That a whole verdict is the same under two hash seeds holds in tests/hygiene/test_determinism.py.
"""

from __future__ import annotations

import json

from tests.scenarios.renew_digests import GOLDEN, digests

RENEW = ".venv/bin/python -m tests.scenarios.renew_digests"


def test_journals_are_those_that_were_kept() -> None:
    """The config as found and each solution, byte for byte; `RENEW` keeps what was meant."""
    kept = json.loads(GOLDEN.read_text(encoding="utf-8"))

    assert kept == digests(), f"journals changed; if that was meant: {RENEW}"
