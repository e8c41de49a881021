"""A verdict as a person reads it: objectives, evidence, score, and what to look at next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.schema import Config, Scenario
    from sim.session.verdict import Evidence, ObjectiveResult, Verdict
    from tui.cli.terminal import Terminal
    from tui.words import Words

EVIDENCE_MAX = 3
"""Pieces of evidence shown for one objective; `--json` has them all."""
DIGEST_SHOWN = 12
"""Leading characters of a content hash that are shown."""


def render_verdict(
    verdict: Verdict,
    *,
    scenario: Scenario,
    config: Config,
    words: Words,
    terminal: Terminal,
    config_flags: str = "",
) -> str:
    """The whole verdict; `config_flags` is what makes the next commands use the same config."""
    say, paint = words.say, terminal.paint
    title = say("verdict.title", title=scenario.title.get(words.lang), scenario=scenario.id)
    parts = [paint(title, "bold"), ""]
    for result in verdict.objectives:
        parts += objective_lines(result, scenario=scenario, words=words, terminal=terminal)
    parts += [
        "",
        *_summary(verdict, words, terminal),
        "",
        *_identity(verdict, scenario, config, words, terminal),
    ]
    parts += ["", say("verdict.next"), *_next(verdict, scenario, words, terminal, config_flags)]
    return "\n".join(parts) + "\n"


def objective_lines(
    result: ObjectiveResult, *, scenario: Scenario, words: Words, terminal: Terminal
) -> list[str]:
    """One objective: met or missed, its text, and the first pieces of evidence against it."""
    say, paint = words.say, terminal.paint
    word = say("verdict.met" if result.met else "verdict.missed")
    glyph = ("✓" if result.met else "✗") if terminal.unicode else ("+" if result.met else "x")
    bonus = f"({say('verdict.bonus')}) " if result.bonus else ""
    mark = paint(f"{glyph} {word}", "good" if result.met else "bad")
    lines = [f"{mark}  {result.id}  {bonus}{result.text.get(words.lang)}"]
    if result.met:
        return lines
    lines += [
        f"      {evidence_line(evidence, scenario=scenario, words=words)}"
        for evidence in result.evidence[:EVIDENCE_MAX]
    ]
    rest = len(result.evidence) - EVIDENCE_MAX
    if rest > 0:
        lines.append(paint(f"      {say('verdict.more', count=rest)}", "dim"))
    return lines


def evidence_text(evidence: Evidence, *, scenario: Scenario, words: Words) -> str:
    """What happened, without when."""
    return words.in_zone(scenario.clock.timezone).say(evidence.code, **evidence.params)


def evidence_line(evidence: Evidence, *, scenario: Scenario, words: Words) -> str:
    """When, where and what: `Thu 14 Mar 09:00  the VP was shown …`."""
    zoned = words.in_zone(scenario.clock.timezone)
    when = [zoned.formats.day(evidence.night)] if evidence.night else []
    if evidence.time is not None:
        when.append(zoned.formats.clock(evidence.time))
    text = evidence_text(evidence, scenario=scenario, words=words)
    hidden = (
        []
        if evidence.seed == scenario.seed
        else [words.say("verdict.seed_hidden", seed=evidence.seed)]
    )
    window = scenario.clock.windows.get(evidence.window)
    if window is not None and window.hidden:
        hidden.insert(0, words.say("verdict.window_hidden"))
    mark = f"  [{', '.join(hidden)}]" if hidden else ""
    return f"{' '.join(when)}  {text}{mark}" if when else f"{text}{mark}"


def _summary(verdict: Verdict, words: Words, terminal: Terminal) -> list[str]:
    required = [result for result in verdict.objectives if not result.bonus]
    bonus = [result for result in verdict.objectives if result.bonus]
    missed = sum(not result.met for result in required)
    if missed:
        line = terminal.paint(
            words.say("verdict.some_missed", missed=missed, total=len(required)), "bad"
        )
    else:
        line = terminal.paint(words.say("verdict.all_met", total=len(required)), "good")
    if bonus:
        line += " " + words.say(
            "verdict.bonus_line", met=sum(result.met for result in bonus), total=len(bonus)
        )
    score = verdict.score
    told = words.say(
        "verdict.score_line",
        minutes=score.minutes_to_correct,
        cost=score.cost,
        changes=score.changes,
    )
    return [line, f"{words.say('verdict.score')}: {told}"]


def _identity(
    verdict: Verdict, scenario: Scenario, config: Config, words: Words, terminal: Terminal
) -> list[str]:
    seeds = len(verdict.seeds)
    line = words.say(
        "verdict.identity" if seeds > 1 else "verdict.identity_one",
        content=scenario.digest[:DIGEST_SHOWN],
        config=config.digest[:DIGEST_SHOWN],
        seed=verdict.seed,
        seeds=seeds,
    )
    return [
        terminal.paint(text, "dim")
        for text in (line, words.say("verdict.digest", digest=verdict.digest))
    ]


def _next(
    verdict: Verdict, scenario: Scenario, words: Words, terminal: Terminal, config_flags: str
) -> list[str]:
    night = _night_to_look_at(verdict, scenario)
    show = f"orchsim show {scenario.id}"
    pairs = [
        (f"{show} gantt --night {night}{config_flags}", "verdict.next_night"),
        (f"{show} data --night {night}{config_flags}", "verdict.next_data"),
    ]
    if verdict.met:
        pairs.append((f"{show} debrief", "verdict.next_debrief"))
    else:
        pairs += [
            (f"{show} hints 1", "verdict.next_hint"),
            (f"orchsim play {scenario.id}", "verdict.next_play"),
        ]
    width = max(len(command) for command, _ in pairs)
    return [
        f"  {terminal.paint(f'{command:<{width}}', 'path')}  {words.say(code)}"
        for command, code in pairs
    ]


def _night_to_look_at(verdict: Verdict, scenario: Scenario) -> str:
    """The first night that speaks against the config and that may be shown, else the shown one."""
    first = next(iter(scenario.clock.windows))
    for result in verdict.objectives:
        for evidence in result.evidence if not result.met else ():
            if evidence.night and evidence.window == first and evidence.seed == scenario.seed:
                return str(evidence.night)
    return scenario.clock.shown[0]
