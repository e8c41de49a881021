"""The texts of the full-page views, made from the game's values and words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from tui.app.actions import ACTIONS, VIEWS, key_name
from tui.draw.markdown import draw_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.model.diagnostics import Diagnostic
    from sim.objectives.finding import Evidence
    from sim.scenario.schema import Scenario
    from sim.session.game import Session
    from sim.session.verdict import Verdict
    from tui.draw.glyphs import Pen
    from tui.words import Words

EVIDENCE_MAX = 6
"""Pieces of evidence shown for one objective."""


def brief_text(session: Session, words: Words) -> Text:
    """The incident, the objectives, what to press."""
    text = draw_markdown(session.scenario.briefing.get(words.lang))
    text.append("\n\n")
    for objective in session.scenario.objectives:
        told = (
            objective.text
            if isinstance(objective.text, str)
            else objective.text.get(words.lang, "")
        )
        text.append(f"{objective.id}  ", style="bold")
        text.append(told, style="italic" if objective.bonus else "")
        text.append("\n")
    text.append("\n" + words.say("app.brief_next"), style="bold")
    return text


def verdict_text(
    verdict: Verdict, scenario: Scenario, words: Words, pen: Pen, *, stale: bool
) -> Text:
    """Every objective with its evidence; what was won or where it went wrong; what to do next."""
    say = words.say
    required = [result for result in verdict.objectives if not result.bonus]
    missed = [result for result in required if not result.met]
    text = Text()
    if stale:
        text.append(say("app.verdict_old") + "\n\n", style="bold dark_orange")
    if verdict.met:
        text.append(say("app.won") + "\n\n", style="bold bright_cyan")
    else:
        text.append(
            say("app.lost", missed=len(missed), total=len(required)) + "\n\n",
            style="bold dark_orange",
        )
    for result in verdict.objectives:
        style = "bold bright_cyan" if result.met else "bold dark_orange"
        text.append(f"{pen.yes if result.met else pen.no} {result.id}  ", style=style)
        text.append(result.text.get(words.lang) + "\n", style="italic" if result.bonus else "bold")
        for evidence in () if result.met else result.evidence[:EVIDENCE_MAX]:
            text.append(f"    {evidence_text(evidence, scenario, words)}\n")
        rest = len(result.evidence) - EVIDENCE_MAX
        if not result.met and rest > 0:
            text.append(f"    {say('verdict.more', count=rest)}\n", style="dim")
    text.append("\n")
    first = _first(verdict)
    if first is not None:
        text.append(say("app.first_apart", what=evidence_text(first, scenario, words)) + "\n")
    score = verdict.score
    code = "app.won_next" if verdict.met else "app.lost_next"
    text.append(say(code, changes=score.changes, cost=score.cost) + "\n", style="bold")
    told = say(
        "verdict.score_line",
        minutes=score.minutes_to_correct,
        cost=score.cost,
        changes=score.changes,
    )
    text.append(f"{told}\n", style="dim")
    text.append(f"digest {verdict.digest[:16]}", style="dim")
    return text


def evidence_text(evidence: Evidence, scenario: Scenario, words: Words) -> str:
    """When, where and what."""
    when = [words.formats.day(evidence.night)] if evidence.night else []
    if evidence.time is not None:
        when.append(words.formats.clock(evidence.time))
    marks = []
    window = scenario.clock.windows.get(evidence.window)
    if window is not None and window.hidden:
        marks.append(words.say("verdict.window_hidden"))
    if evidence.seed != scenario.seed:
        marks.append(words.say("verdict.seed_hidden", seed=evidence.seed))
    hidden = f"  [{', '.join(marks)}]" if marks else ""
    return f"{' '.join(when)}  {words.say(evidence.code, **evidence.params)}{hidden}".strip()


def _first(verdict: Verdict) -> Evidence | None:
    """The earliest evidence against, on the shown seed."""
    against = [
        one
        for result in verdict.objectives
        if not result.met and not result.bonus
        for one in result.evidence
        if one.time is not None and one.seed == verdict.seed
    ]
    return min(against, key=lambda one: one.time or 0, default=None)


def hints_text(session: Session, words: Words) -> Text:
    """The hints that were taken."""
    total, taken = len(session.scenario.hints), session.saved.hints
    text = Text()
    for number in range(1, taken + 1):
        text.append(words.say("app.hint_title", number=number, total=total) + "\n", style="bold")
        text.append_text(draw_markdown(session.scenario.hints[number - 1].get(words.lang)))
        text.append("\n\n")
    if taken < total:
        text.append(words.say("app.hints_empty", total=total), style="italic")
    return text


def problems_text(
    diagnostics: Sequence[Diagnostic], words: Words, pen: Pen, *, editing: bool
) -> Text:
    """Every problem with line, column, reason and fix; or that the config is valid."""
    text = Text()
    if not any(one.severity == "error" for one in diagnostics):
        text.append(f"{pen.yes} {words.say('app.valid')}\n", style="bold bright_cyan")
    else:
        count = sum(one.severity == "error" for one in diagnostics)
        text.append(
            f"{pen.no} {words.say('app.problems', count=count)}\n", style="bold dark_orange"
        )
    for one in diagnostics:
        text.append(f"{one.line}:{one.column} ", style="bold")
        text.append(f"{one.message}\n")
        if one.hint:
            text.append(f"    {one.hint}\n", style="italic")
    if editing:
        text.append(words.say("app.editing"), style="dim")
    return text


def predictions_text(session: Session, right: Mapping[str, str | None], words: Words) -> Text:
    """What was predicted, beside what the replays say."""
    text = Text(words.say("app.predicted") + "\n", style="bold underline")
    for question in session.scenario.questions:
        texts = {option.id: option.text.get(words.lang) for option in question.options}
        said = session.saved.predictions.get(question.id)
        true = right.get(question.id)
        text.append(question.question.get(words.lang) + "\n", style="bold")
        params = {"said": texts.get(said or "", ""), "right": texts.get(true or "", "")}
        code = "open" if said is None else "right" if said == true else "wrong"
        text.append("  " + words.say(f"app.predicted_{code}", **params) + "\n")
    return text


def question_text(session: Session, number: int, words: Words) -> tuple[Text, dict[str, str]]:
    """One question as a sheet, and the keys of its answers."""
    question = session.scenario.questions[number]
    text = Text(words.say("app.predictions_title") + "\n\n", style="bold underline")
    text.append(question.question.get(words.lang) + "\n\n", style="bold")
    keys = {}
    for at, option in enumerate(question.options):
        letter = "abcdefgh"[at]
        keys[letter] = option.id
        text.append(f"  {letter}  ", style="bold")
        text.append(option.text.get(words.lang) + "\n")
    text.append("\n" + words.say("app.predictions_help"), style="dim")
    return text, keys


def help_text(words: Words, *, unicode: bool) -> Text:
    """Every action with its keys and where it acts."""
    text = Text(words.say("app.help_title") + "\n\n", style="bold underline")
    for action in ACTIONS:
        keys = " ".join(key_name(key, unicode=unicode) for key in action.keys)
        where = (
            words.say("app.help_everywhere")
            if set(action.views) == set(VIEWS)
            else ", ".join(words.say(f"view.{view}") for view in action.views)
        )
        text.append(f"{keys:<12}", style="bold")
        text.append(f"{words.say(f'action.{action.id}'):<44}")
        text.append(f"{where}\n", style="dim")
    text.append("\n" + words.say("app.help_close"), style="dim")
    return text
