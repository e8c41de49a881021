"""The verdict on a config: every objective over every window and seed, with evidence and a score.

An objective is met only when it is met on all of them. `docs/verdict.md` documents the JSON form.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sim.engine.replay import asked_of_replays, replay
from sim.kernel.calendar import format_instant
from sim.objectives.evaluate import evaluate
from sim.objectives.finding import Evidence
from sim.scenario.text import Text
from sim.session.counterexample import searched
from sim.session.score import Score, score_of
from sim.views.nights import nights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.objectives.config import Objective
    from sim.objectives.finding import Finding
    from sim.scenario.schema import Config, Scenario
    from sim.views.nights import Nights
    from sim.views.replay import Replay

_WORKERS = 4
"""Replays under way at once; more than this wait for the interpreter."""
FORMAT = 1
"""Version of the JSON form."""


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """One objective over all replays."""

    id: str
    met: bool
    bonus: bool
    text: Text
    evidence: tuple[Evidence, ...]
    """What speaks against it; when it is met, how much was looked at on each replay."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a config is worth."""

    scenario: str
    seed: int
    """The scenario's own seed, the one that is shown."""
    seeds: tuple[int, ...]
    """Every seed that was judged, the shown one first."""
    digest: str
    """SHA-256 over the digests of all journals, hexadecimal."""
    objectives: tuple[ObjectiveResult, ...]
    score: Score
    replays: tuple[tuple[str, int, str], ...]
    """(window, seed, digest of the journal) of each replay."""

    @property
    def met(self) -> bool:
        """Whether every objective that is no bonus is met."""
        return all(result.met for result in self.objectives if not result.bonus)

    @property
    def missed(self) -> tuple[str, ...]:
        """Ids of the objectives that are not met, bonus ones too."""
        return tuple(result.id for result in self.objectives if not result.met)


def judge(
    scenario: Scenario,
    config: Config,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Verdict:
    """Replay every window under every seed and judge the objectives.

    `progress` is told how many replays of how many are done. Raises `LimitError` when a replay
    exceeds a bound.
    """
    seeds = (scenario.seed, *scenario.hidden_seeds)
    rounds = [(window, seed) for seed in seeds for window in scenario.clock.windows]
    asked = asked_of_replays(scenario)
    judged: list[tuple[Replay, Nights]] = []

    def run(window: str, seed: int) -> tuple[Replay, Nights]:
        one = replay(scenario, config, seed=seed, window=window, **asked)
        return one, nights_of(one)

    # replays are pure and spend their time in the database, which lets other threads run
    with ThreadPoolExecutor(_WORKERS) as pool:
        for pair in pool.map(run, *zip(*rounds, strict=True)):
            judged.append(pair)
            progress(len(judged), len(rounds))
    digests = [(one.window, one.seed, one.journal.digest) for one, _ in judged]
    return Verdict(
        scenario=scenario.id,
        seed=scenario.seed,
        seeds=seeds,
        digest=sha256("\n".join(f"{w} {s} {d}" for w, s, d in digests).encode()).hexdigest(),
        objectives=tuple(
            _result(objective, judged, searched(scenario, config, objective))
            for objective in scenario.objectives
        ),
        score=score_of(scenario, config, *judged[0]),
        replays=tuple(digests),
    )


def _result(
    objective: Objective, judged: Sequence[tuple[Replay, Nights]], found: Finding | None
) -> ObjectiveResult:
    findings: list[Finding] = [evaluate(objective, one, nights) for one, nights in judged]
    if found is not None:
        # the smallest counterexample says most
        findings.insert(0, found)
    met = all(finding.met for finding in findings)
    evidence = [one for finding in findings if met or not finding.met for one in finding.evidence]
    return ObjectiveResult(
        id=objective.id,
        met=met,
        bonus=objective.bonus,
        text=Text.of(objective.text),
        evidence=tuple(evidence),
    )


def to_json(
    verdict: Verdict, lang: str, *, say: Callable[[Evidence], str] | None = None
) -> dict[str, Any]:
    """The documented object. `say` words a piece of evidence; without it there is no `message`."""
    return {
        "format": FORMAT,
        "scenario": verdict.scenario,
        "seed": verdict.seed,
        "seeds": list(verdict.seeds),
        "digest": verdict.digest,
        "met": verdict.met,
        "objectives": [
            {
                "id": result.id,
                "met": result.met,
                "bonus": result.bonus,
                "text": result.text.get(lang),
                "evidence": [_evidence(one, say) for one in result.evidence],
            }
            for result in verdict.objectives
        ],
        "score": {
            "minutes_to_correct": verdict.score.minutes_to_correct,
            "cost": verdict.score.cost,
            "changes": verdict.score.changes,
        },
        "replays": [
            {"window": window, "seed": seed, "digest": digest}
            for window, seed, digest in verdict.replays
        ],
    }


def _evidence(one: Evidence, say: Callable[[Evidence], str] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": one.code,
        "window": one.window,
        "seed": one.seed,
        "night": None if one.night is None else one.night.isoformat(),
        "time": None if one.time is None else format_instant(one.time),
        "row": one.row,
        "params": dict(one.params),
    }
    if say is not None:
        told["message"] = say(one)
    return told


__all__ = ["Evidence", "ObjectiveResult", "Score", "Verdict", "judge", "to_json"]
