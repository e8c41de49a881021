"""The pane that says why: the wait ledger of the selected task's latest run, up to the cursor."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory
    from tui.app.look import Look
    from tui.app.snapshot import Snapshot

_CALM = frozenset({Reason.RUNNING, Reason.SCHEDULER_LOOP, Reason.UPSTREAM})


def why_pane(snapshot: Snapshot, cursor: int, selected: int, look: Look) -> Text:
    """What the selected task did and waited for, one stretch a line, and its sum by reason."""
    story = _story(snapshot, cursor, selected)
    if story is None:
        return Text(look.words.say("app.why_nothing"), style="italic")
    formats, say = look.words.formats, look.words.say
    mark = look.pen.pick("▸", ">")
    title = f"{story.run.dag_id} {mark} {story.name}"
    if story.run.dag_id == story.name:
        title = story.name
    lines = [Text(title, style="bold underline")]
    told = [wait for wait in snapshot.ledger().waits(story.entity) if wait.start <= cursor]
    sums: Counter[Reason] = Counter()
    for wait in told:
        end = min(wait.end, cursor)
        sums[wait.reason] += end - wait.start
        lines.append(_line(wait, end, look))
    if not told:
        lines.append(Text(say("app.why_waited"), style="italic"))
    lines.append(Text())
    whole = sum(sums.values()) or 1
    for reason, span in sums.most_common():
        share = formats.percent(span / whole)
        line = say("app.why_sum", reason=reason.value, span=formats.span(span), share=share)
        lines.append(Text(line, style="dim"))
    return Text("\n").join(lines)


def _line(wait: Wait, end: int, look: Look) -> Text:
    formats = look.words.formats
    text = Text(f"{formats.clock(wait.start)}  ", style="dim")
    style = "" if wait.reason in _CALM else "bold dark_orange"
    text.append(look.words.say(f"wait.{wait.word}", blocker=wait.blocker), style=style)
    text.append(f"  {formats.span(end - wait.start)}", style="dim")
    return text


def _story(snapshot: Snapshot, cursor: int, selected: int) -> TaskStory | None:
    """The selected task in its latest run that was due by the cursor."""
    if not snapshot.rows:
        return None
    row = snapshot.rows[max(0, min(selected, len(snapshot.rows) - 1))]
    found = None
    for story in snapshot.ledger().story.tasks.values():
        same = (story.run.dag_id, story.name) == (row.pipeline, row.task)
        if same and story.run.due <= cursor and (found is None or story.run.due >= found.run.due):
            found = story
    return found
