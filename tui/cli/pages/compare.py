"""A comparison as text: its sides, a table of outcomes, and every difference with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.session.compare.differences import chains, rules
from sim.session.compare.played import objective_text
from sim.session.compare.readings import readings_of
from sim.views.ledger.reasons import Reason
from tui.cli.pages.layout import heading, indented, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sim.scenario.schema import Scenario
    from sim.session.compare.chains import Chain
    from sim.session.compare.differences import Difference
    from sim.session.compare.played import Played
    from sim.session.compare.rules.rule import Rule
    from tui.cli.commands import Call
    from tui.words import Words

_LABEL_MAX = 46
"""Columns of the first column; a longer sentence is cut."""


class Page:
    """The comparison as text."""

    def __init__(
        self, call: Call, words: Words, scenario: Scenario, sides: Sequence[Played]
    ) -> None:
        self._call = call
        self._words = words
        self._scenario = scenario
        self._sides = sides
        self._readings = [readings_of(one) for one in sides]
        self._cited: set[str] = set()
        """Rules that were told in full; later ones are named."""

    def whole(self, found: Sequence[Difference], criteria: str = "") -> str:
        """Every part; `criteria` is a table made elsewhere."""
        parts = [self.head(), self.outcomes(), *([criteria] if criteria else [])]
        if not found:
            parts.append(self._words.say("compare.alike"))
        else:
            count = self._words.say("compare.differences", count=len(found))
            parts.append(self._call.terminal.paint(count, "bold"))
            parts += [self.difference(number, one) for number, one in enumerate(found, 1)]
        return "\n\n".join(parts) + "\n"

    def head(self) -> str:
        """What is compared."""
        nights, say = self._sides[0].replay.nights, self._words.say
        title = say(
            "compare.title",
            scenario=self._scenario.id,
            nights=len(nights),
            first=nights[0],
            last=nights[-1],
            seed=self._scenario.seed,
        )
        rows = []
        for one in self._sides:
            side = one.side
            changed = f" {say('compare.changed', changed=side.changed)}" if side.changed else ""
            rows.append([side.name, side.title, f"{side.file}{changed}"])
        return (
            f"{self._call.terminal.paint(title, 'bold')}\n{say('compare.same')}\n\n"
            f"{heading(self._call, 'compare.sides')}\n{indented(table(rows))}"
        )

    # -- outcomes ---------------------------------------------------------------------------

    def outcomes(self) -> str:
        """One row a figure, one column a side."""
        rows = [["", *(one.side.name for one in self._sides)], *self._outcomes()]
        return f"{heading(self._call, 'compare.outcomes')}\n{indented(table(rows))}"

    def _outcomes(self) -> Iterator[list[str]]:
        yield from self._objectives()
        yield from self._readers()
        say, formats = self._words.say, self._words.formats
        yield [
            say("compare.runs"),
            *(
                formats.number(sum(len(runs) for runs in one.runs.values()))
                for one in self._readings
            ),
        ]
        yield [say("compare.tries"), *(formats.number(one.tries) for one in self._readings)]
        yield self._row("compare.failures", lambda one: formats.number(one.failures))
        yield self._row("compare.ran", lambda one: formats.span(one.waits.get(Reason.RUNNING, 0)))
        reasons = dict.fromkeys(reason for one in self._sides for reason in one.waits)
        for reason in reasons:
            if reason is not Reason.RUNNING:
                label = say("compare.waited", reason=reason.value)
                spans = (formats.span(one.waits.get(reason, 0)) for one in self._sides)
                yield [label, *spans]
        yield self._row(
            "compare.pages",
            lambda one: (
                f"{formats.number(one.bill.pages)} ({formats.number(one.bill.false_pages)})"
            ),
        )
        yield self._row("compare.cost", lambda one: formats.number(one.bill.cost, 2))

    def _objectives(self) -> Iterator[list[str]]:
        words = {True: ("compare.met", "good"), False: ("compare.missed", "bad")}
        for name in self._sides[0].objectives:
            text = f"{name} {objective_text(self._scenario, name, self._words.lang)}"
            cells = []
            for one in self._sides:
                met = one.objectives[name]
                code, style = ("compare.not_judged", "dim") if met is None else words[met]
                cells.append(self._call.terminal.paint(self._words.say(code), style))
            yield [self._cut(text), *cells]

    def _readers(self) -> Iterator[list[str]]:
        say, formats = self._words.say, self._words.formats
        people = dict.fromkeys(
            read.person
            for one in self._readings
            for reads in one.reads.values()
            for read in reads.values()
        )
        for person in people:
            counts, firsts = [], []
            for one in self._readings:
                reads = [
                    read
                    for night in one.reads.values()
                    for read in night.values()
                    if read.person == person
                ]
                words = [read.word for read in reads]
                shown = (words.count("right"), words.count("wrong"), words.count("none"))
                counts.append(" / ".join(map(formats.number, shown)))
                bad = next((read for read in reads if read.word in {"wrong", "none"}), None)
                firsts.append(
                    say("compare.no_bad_read")
                    if bad is None
                    else say("compare.first_bad_read", at=bad.at, shown=bad.shown)
                )
            yield [say("compare.reads_of", person=person), *counts]
            yield [f"  {say('compare.first_bad')}", *firsts]

    def _row(self, code: str, cell: Callable[[Played], str]) -> list[str]:
        return [self._words.say(code), *(cell(one) for one in self._sides)]

    def _cut(self, text: str) -> str:
        more = "…" if self._call.terminal.unicode else "..."
        return text if len(text) <= _LABEL_MAX else text[: _LABEL_MAX - len(more)].rstrip() + more

    # -- differences ------------------------------------------------------------------------

    def difference(self, number: int, one: Difference) -> str:
        """What each side shows, what led to it, and the rules it rests on."""
        say, paint = self._words.say, self._call.terminal.paint
        title = say(f"compare.kind_{one.kind}", subject=one.subject, data_date=one.data_date)
        if len(one.nights) > 1:
            when = say("compare.on_nights", count=len(one.nights), night=one.night)
        else:
            when = say("compare.on_night", night=one.night)
        rows = [
            [side.side.name, say(f"compare.{shown.code}", **shown.params)]
            for side, shown in zip(self._sides, one.sides, strict=True)
        ]
        parts = [f"{paint(f'{number}. {title}', 'bold')} ({when})", indented(table(rows))]
        parts += self._causes(one)
        parts += self._rules(one)
        return "\n".join(parts)

    def _causes(self, one: Difference) -> list[str]:
        """The chain of each side; a read's own cause is the publication's, told before."""
        say = self._words.say
        if one.kind == "read":
            return [indented(say("compare.chain_above"))]
        parts = []
        for side, chain in zip(self._sides, chains(self._sides, one), strict=True):
            if chain is not None and len(chain.links) > 1:
                title = f"{say('compare.why')}: {side.side.name}"
                parts.append(indented(f"{title}\n{indented(self._chain(chain))}"))
        return parts

    def _chain(self, chain: Chain) -> str:
        formats, rows, day = self._words.formats, [], ""
        half = (len(chain.links) + 1) // 2
        for at, link in enumerate(chain.links):
            today = formats.day(link.at)
            shown = "" if today == day else today
            day = today
            clock = formats.clock(link.at)
            rows.append([shown, clock, self._words.say(link.code, **link.params)])
            if chain.left_out and at == half - 1:
                rows.append(["", "", self._words.say("compare.left_out", count=chain.left_out)])
        return table(rows)

    def _rules(self, one: Difference) -> list[str]:
        cited: dict[str, Rule] = {}
        for side in rules(self._sides, one):
            cited |= {rule.id: rule for rule in side}
        if not cited:
            return []
        paint = self._call.terminal.paint
        lines = [paint(name, "path") for name in cited if name in self._cited]
        lines += [
            f"{paint(rule.id, 'path')}: {self._said(rule)}\n  [{rule.source}]"
            for rule in cited.values()
            if rule.id not in self._cited
        ]
        self._cited |= cited.keys()
        title = self._words.say("compare.rests_on")
        return [indented(f"{title}\n{indented(chr(10).join(lines))}")]

    def _said(self, rule: Rule) -> str:
        return self._words.say(f"rule.{rule.code}", release=rule.release)
