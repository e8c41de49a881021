"""What the author wrote: brief, objectives, config, hints, questions, debrief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.scenario.text import Text
from tui.cli.inputs import config_of, config_text

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from tui.cli.commands import Call


def brief(call: Call, scenario: Scenario) -> str:
    """The incident as the person on call meets it, and what a fix must achieve."""
    facts = call.words.say(
        "show.level", level=scenario.level, minutes=scenario.minutes, type=scenario.type
    )
    text = _markdown(scenario.briefing.get(call.settings.lang), call)
    return f"{call.terminal.paint(facts, 'dim')}\n\n{text}\n\n{objectives(call, scenario)}"


def objectives(call: Call, scenario: Scenario) -> str:
    """Every objective, the bonus ones marked."""
    say, paint, lang = call.words.say, call.terminal.paint, call.settings.lang
    lines = [paint(say("show.objectives"), "bold")]
    for objective in scenario.objectives:
        bonus = f" ({say('verdict.bonus')})" if objective.bonus else ""
        lines.append(f"  {objective.id}  {Text.of(objective.text).get(lang)}{bonus}")
    return "\n".join(lines)


def config(call: Call, scenario: Scenario) -> str:
    """The config as it stands, checked; problems leave as errors."""
    text, _ = config_text(call, scenario)
    config_of(call, scenario)
    return text


def hints(call: Call, scenario: Scenario) -> str:
    """The hint asked for (`hints 2`), the first one by default."""
    say, total = call.words.say, len(scenario.hints)
    wanted = call["name"] or "1"
    number = int(wanted) if wanted.isdecimal() else 0
    if not 1 <= number <= total:
        message = say("show.no_hint", scenario=scenario.id, total=total, number=wanted)
        raise UsageError(message, f"orchsim show {scenario.id} hints 1" if total else "")
    head = call.terminal.paint(say("show.hint", number=number, total=total), "bold")
    text = _markdown(scenario.hints[number - 1].get(call.settings.lang), call)
    if number == total:
        return f"{head}\n\n{text}"
    more = say("show.more_hints", scenario=scenario.id, number=number + 1)
    return f"{head}\n\n{text}\n\n{call.terminal.paint(more, 'dim')}"


def predictions(call: Call, scenario: Scenario) -> str:
    """The questions asked before the first replay, without their answers."""
    say, paint, lang = call.words.say, call.terminal.paint, call.settings.lang
    parts = []
    for number, question in enumerate(scenario.questions, start=1):
        lines = [
            f"{paint(say('show.question', number=number), 'bold')}  {question.question.get(lang)}"
        ]
        lines += [f"  {option.id}: {option.text.get(lang)}" for option in question.options]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def debrief(call: Call, scenario: Scenario) -> str:
    """What there was to learn, its figures computed by replay."""
    from sim.session.debrief import render_debrief  # noqa: PLC0415 - it simulates

    text = render_debrief(
        scenario,
        config_of(call, scenario),
        call.settings.lang,
        heading=lambda figure: call.words.say(f"figure.{figure}"),
    )
    return _markdown(text, call)


def _markdown(text: str, call: Call) -> str:
    """Markdown reads well as it is; on a colour terminal it is drawn."""
    if not call.terminal.colour:
        return text.rstrip("\n")
    from tui.cli.pages.drawing import printed  # noqa: PLC0415 - pipes do without rich
    from tui.draw.markdown import draw_markdown  # noqa: PLC0415

    return printed([draw_markdown(text)], call.terminal)
