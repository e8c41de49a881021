"""The library: the fixture, and strategies over plans, in a project of somebody else's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from hypothesis import find, settings

from sim.verify import plans
from sim.verify.invariants.registry import first_violation
from sim.verify.plan import Plan
from sim.verify.trial import Rig
from tests.quality.planted import BUGS, NIGHTS, pipeline, shop

ROOT = Path(__file__).parents[3]
SHOP = ROOT / "tests/quality/pipelines/shop"
TESTS = """
def test_nothing_breaks_the_night(holds_invariants):
    holds_invariants("shop", plans=20)


def test_nothing_breaks_an_append(holds_invariants):
    holds_invariants("shop", config="append.yaml", plans=20)
"""


def test_a_project_holds_its_pipeline_to_the_invariants(tmp_path: Path) -> None:
    """The layout of docs/verify.md: the correct config passes, the append fails with its file."""
    shutil.copytree(SHOP, tmp_path / "shop")
    text = (SHOP / "config.yaml").read_text(encoding="utf-8")
    (tmp_path / "append.yaml").write_text(text.replace("replace_partition", "append"))
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["sim.verify.fixture"]\n')
    (tmp_path / "test_nightly.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )

    assert "1 failed, 1 passed" in done.stdout
    assert "breaks: truth.doubled" in done.stdout
    assert "- type: rerun" in done.stdout


def test_hypothesis_shrinks_a_plan() -> None:
    """To one trouble of the simplest kind that does it."""
    with Rig(shop(), pipeline(BUGS["append and retry"]), window=NIGHTS) as rig:

        def breaks(plan: Plan) -> bool:
            trial = rig.trial(plan)
            return trial is not None and first_violation(trial) is not None

        smallest = find(
            plans(rig.points),
            breaks,
            settings=settings(max_examples=200, database=None, derandomize=True, deadline=None),
        )

    assert len(smallest) == 1
