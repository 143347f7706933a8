"""All there is to know about one message of the live log: the card it named, why it was decided so, its text.

pane = MessagePane(desk, words)
pane.show_message(message)                     # again when its answer came
pane.refresh()                                 # when passes, pools or stations changed
pane.close_wanted.connect(...)
"""

from contextlib import nullcontext
from dataclasses import dataclass, field

from PySide6.QtCore import QSizeF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.application import Suggestion
from app.domain.access import Reason, Status
from app.domain.ids import UidKind, canonical_uid, classify_uid
from app.domain.model import Message, Tap
from ui.access.trail import TrailNames, step_line, worth_telling
from ui.desk import Desk
from ui.log.json_view import JsonView
from ui.log.words import LogWords, decoded, repairs_in_words
from ui.stations.behaviour_words import repair_words
from ui.strings import sentence, tr
from ui.taps.assign_pass import assign_pass
from ui.taps.fixes import fix_for
from ui.taps.words import can_become_pass, clock, is_of_a_pin, said_after, verdict_now
from ui.widgets.boxes import SidePane, row
from ui.widgets.buttons import Action, button, button_for, close_button, link_button
from ui.widgets.inputs import Segmented
from ui.widgets.labels import label, mono, muted, paragraph, rich
from ui.widgets.pane_place import keeping_place

_LARGE, _LARGE_FITS = 20, 20
_NO_CARD = frozenset({UidKind.RANDOM, UidKind.VEHICLE, UidKind.FREE_VEND, UidKind.EMPTY})


@dataclass(frozen=True)
class CardFacts:
    """The card that a message named, and what is known of it now: `reason` and the rest are those of this moment."""

    # What is stored of a tap is a little less exact than what was told of it, and no other tap.
    tap: Tap = field(compare=False)
    accepted: bool
    reason: Reason
    pool: str
    holder: str
    pass_id: int | None
    title: str
    suggestions: tuple[Suggestion, ...]

    @property
    def is_unknown(self) -> bool:
        """Whether no pass has this UID now, where the station asks for one."""
        return self.reason is Reason.UNKNOWN_CARD


class WholeJson(JsonView):
    """As high as what it shows: the pane scrolls, it does not."""

    def __init__(self) -> None:
        super().__init__(tr("The message"))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def _fit(self, size: QSizeF) -> None:
        self.setFixedHeight(round(size.height()) + 2)


class MessagePane(SidePane):
    """Built anew only when something in it changed: a busy site must not pull it from under the operator's hand."""

    close_wanted = Signal()

    def __init__(self, desk: Desk, words: LogWords) -> None:
        super().__init__()
        self._desk, self._words = desk, words
        self._message: Message | None = None
        self._facts: CardFacts | None = None
        self._contents: tuple[object, ...] = ()
        self._side = "request"

    @property
    def message(self) -> Message | None:
        """The message it is about."""
        return self._message

    def show_message(self, message: Message) -> None:
        """Tell all about this message."""
        facts, station = self._card_facts(message), self._words.station(message)
        contents = (message.id, message.outcome, message.response, facts, station)
        same = self._message is not None and self._message.id == message.id
        self._message, self._facts = message, facts
        if contents == self._contents:
            return
        if not same:
            self._side = "request"
        self._contents = contents
        with keeping_place(self) if same else nullcontext():
            self._build(message, facts, station)

    def refresh(self) -> None:
        """Look again at what is known of the card."""
        if self._message is not None:
            self.show_message(self._message)

    def focus_first(self) -> None:
        """Give the keyboard to the first thing that can be done here."""
        for each in self.findChildren(QPushButton):
            if each.isEnabled() and each.isVisible() and each.property("kind") != "quiet":
                each.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_wanted.emit()
        else:
            super().keyPressEvent(event)

    def copy_message(self) -> None:
        """Put the question and its answer on the clipboard, as they went over the wire."""
        if self._message is not None:
            texts = (self._message.request, self._message.response)
            QGuiApplication.clipboard().setText("\n".join(text for text in texts if text))
            self._desk.say(tr("The message is copied."))

    def copy_id_tag(self) -> None:
        """Put the hidden ID on the clipboard, as the station sent it."""
        if self._message is not None and self._message.id_tag:
            QGuiApplication.clipboard().setText(self._message.id_tag)
            self._desk.say(tr("{uid} is copied.").format(uid=self._message.id_tag))

    # What it is made of

    def _card_facts(self, message: Message) -> CardFacts | None:
        application = self._desk.application
        tap = application.journal.tap(message.tap_id) if message.tap_id is not None else None
        if tap is None:
            return None
        now = verdict_now(self._desk, tap)
        alike = now.pass_id is None and can_become_pass(tap)
        return CardFacts(
            tap=tap,
            accepted=now.decision.accepted,
            reason=now.decision.reason,
            pool=now.pool_name,
            holder=now.holder,
            pass_id=now.pass_id,
            title="" if now.pass_id is None else application.passes.require(now.pass_id).title,
            suggestions=tuple(application.passes.suggestions(tap.raw_id_tag)) if alike else (),
        )

    def _build(self, message: Message, facts: CardFacts | None, station: str) -> None:
        self.clear()
        where = f"{station} · {clock(self._desk, message.at)}"
        close = close_button(tr("Close the details"), self.close_wanted.emit)
        self.show_head(self._words.action(message), where, actions=[close])
        if facts is not None or message.id_tag:
            self._add_card(message, facts)
        if facts is not None:
            self._add_reasons(facts)
        self._add_text(message)
        for each in self.findChildren(QPushButton):
            each.setObjectName(each.text())

    def _add_card(self, message: Message, facts: CardFacts | None) -> None:
        section = self.add_section()
        if facts is not None and is_of_a_pin(facts.tap):
            self._add_pin(section, facts)
            return
        section.addWidget(muted(tr("Hidden ID ({name})").format(name=_name_of_card(message))))
        if message.id_tag:
            size = _LARGE if len(message.id_tag) <= _LARGE_FITS else 13
            section.addLayout(row(mono(message.id_tag, size, 700), None, button(tr("Copy"), self.copy_id_tag)))
        kind = classify_uid(canonical_uid(message.id_tag))
        if kind in _NO_CARD:
            section.addWidget(paragraph(sentence(f"kind.{kind.value}"), tone="warn"))
        if facts is None:
            return
        if facts.pass_id is not None:
            section.addLayout(row(*self._pass_line(facts, facts.pass_id), None))
        self._add_now(section, facts)
        self._add_actions(section)

    def _add_actions(self, section: QVBoxLayout) -> None:
        actions = self.card_actions()
        if actions:
            section.addLayout(row(*(button_for(action) for action in actions), None))

    def _add_pin(self, section: QVBoxLayout, facts: CardFacts) -> None:
        section.addWidget(muted(tr("PIN, typed at the station")))
        section.addWidget(label(facts.holder or tr("not one of {pool}").format(pool=facts.pool), weight=600))
        section.addWidget(paragraph(tr("What was typed is not kept, whether it was right or wrong."), tone="muted"))
        self._add_actions(section)

    def _pass_line(self, facts: CardFacts, pass_id: int) -> tuple[QWidget, QWidget]:
        whose = label(" · ".join(dict.fromkeys(part for part in (facts.holder, facts.title) if part)))
        return whose, link_button(tr("Open pass"), lambda: self._desk.go("passes", pass_id))

    def _add_now(self, section: QVBoxLayout, facts: CardFacts) -> None:
        """Say it where the card would be answered otherwise by now."""
        was = facts.tap
        if was.status != Status.ACCEPTED.value and facts.accepted:
            section.addWidget(paragraph(tr("It would be accepted now: hold the card again."), tone="ok"))
        elif facts.reason.value != was.reason and not facts.accepted:
            why = sentence(facts.reason.value, pool=facts.pool)
            section.addWidget(paragraph(tr("It would be refused now: {why}.").format(why=why), tone="warn"))

    def card_actions(self) -> list[Action]:
        """What can be done about the card now, the likeliest first."""
        facts = self._facts
        if facts is None:
            return []
        tap = facts.tap
        fix = fix_for(self._desk, tap)
        actions = [Action(fix.text, fix.run, "primary")] if fix is not None else []
        if facts.is_unknown and can_become_pass(tap):
            actions.append(Action(tr("Assign to a pass…"), lambda: assign_pass(self._desk, tap)))
        return actions

    def _add_reasons(self, facts: CardFacts) -> None:
        tap = facts.tap
        accepted = tap.status == Status.ACCEPTED.value
        section = self.add_section(tr("Why accepted") if accepted else tr("Why refused"))
        section.setSpacing(6)
        for step, passed in worth_telling(tap.trail):
            section.addWidget(step_line(TrailNames.of_tap(tap), step, passed=passed))
        if accepted:
            why = sentence(tap.reason, pool=tap.pool_name)
            section.addWidget(paragraph(why[:1].upper() + why[1:], tone="muted"))
        for suggestion in facts.suggestions:
            self._add_suggestion(section, tap, suggestion)

    def _add_suggestion(self, section: QVBoxLayout, tap: Tap, suggestion: Suggestion) -> None:
        who = ", ".join(dict.fromkeys(part for part in (suggestion.holder, suggestion.card.title) if part))
        how = sentence(f"alike.{suggestion.likeness.value}")
        words = rich(
            tr("Looks like <b>{who}</b> {how} (<code>{uid}</code>)"),
            tone="muted",
            who=who,
            how=how,
            uid=suggestion.uid,
        )
        section.addWidget(words)
        use = link_button(tr("Use this UID"), lambda: self._desk.run(self._link(tap, suggestion)), flush=True)
        use.setAccessibleDescription(words.words())
        section.addLayout(row(use, None))

    async def _link(self, tap: Tap, suggestion: Suggestion) -> None:
        undo = await self._desk.application.passes.link(suggestion.card.id, tap.raw_id_tag)
        done = tr("{uid} is {title} too").format(uid=canonical_uid(tap.raw_id_tag), title=suggestion.card.title)
        self._desk.offer_undo(said_after(self._desk, tap, done), undo)

    def _add_text(self, message: Message) -> None:
        section = self.add_section()
        if not message.action:
            why = self._words.outcome(message)
            section.addWidget(paragraph(f"{why[:1].upper()}{why[1:]}.", tone="bad"))
        deviating = map(repair_words, self._desk.application.repairs.found_in(message))
        for words in (*repairs_in_words(message), *deviating):
            section.addWidget(paragraph(words, tone="muted"))
        sides = Segmented(tr("Which part"), [("request", tr("Request")), ("response", tr("Response"))])
        sides.select(self._side)
        took = "" if message.took_ms is None else tr("answered in {time}").format(time=_duration(message.took_ms))
        section.addLayout(row(sides, None, muted(took)))
        view = WholeJson()
        section.addWidget(view)
        section.addLayout(row(link_button(tr("Copy message"), self.copy_message, flush=True), None))
        sides.changed.connect(lambda side: self._show_side(view, message, str(side)))
        self._show_side(view, message, self._side)

    def _show_side(self, view: JsonView, message: Message, side: str) -> None:
        self._side = side
        text = message.request if side == "request" else message.response
        if not text:
            view.show_text(tr("There is no answer."))
        elif (value := decoded(text)) is not None:
            view.show_json(value, highlight=_name_of_card(message))
        else:
            view.show_text(text)


def _name_of_card(message: Message) -> str:
    """What this version of OCPP calls a card's ID."""
    return "idToken" if '"idToken"' in message.request else "idTag"


def _duration(took_ms: float) -> str:
    if took_ms >= 1_000:
        return f"{took_ms / 1_000:.1f} s"
    return f"{took_ms:.0f} ms" if took_ms >= 10 else f"{took_ms:.1f} ms"
