"""All about one pass, or what can be done to several: the pane beside the table of passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtWidgets import QWidget

from app.application import PassSummary, SeenForm
from app.domain.history import AccessChange, ChangeKind
from app.domain.model import Pass, TapSource
from ui.access.change_words import of_pass
from ui.access.explanations import StationLine, how_many_of, station_lines, station_table
from ui.access.history import AccessHistoryDialog
from ui.access.try_card import try_card
from ui.desk import Desk
from ui.passes.actions import block, correct_visible_id, remove
from ui.passes.check_digit import CheckDigitWarning
from ui.passes.dialog import edit_pass
from ui.passes.history import session_line, tap_line, told
from ui.passes.words import NOTHING, state_of, validity
from ui.pools.choice import add_passes_to_a_pool
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import EmptyState, KeyValueGrid, SidePane, row
from ui.widgets.buttons import button, danger_button, link_button
from ui.widgets.labels import mono, muted, paragraph
from ui.widgets.pane_place import keeping_place
from ui.widgets.pane_table import indented, table_section

HISTORY = 8
SEEN_FORMS = 4


@dataclass(frozen=True)
class About:
    """All there is to tell about one pass."""

    summary: PassSummary
    stations: tuple[StationLine, ...]
    seen: tuple[SeenForm, ...]
    history: tuple[str, ...]
    has_changed: bool
    today: date


class PassPane(SidePane):
    """`show_passes` with what is selected; it reads the rest itself, and is filled anew only when something differs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._told: object = None
        self._shown: Sequence[PassSummary] = ()
        self.show_passes(())

    def show_passes(self, chosen: Sequence[PassSummary]) -> None:
        """Tell all about one pass, or offer what can be done to several."""
        self._shown = chosen
        about = self._read(chosen[0]) if len(chosen) == 1 else None
        told = about or tuple(chosen)
        if told == self._told:
            return
        self._told = told
        with keeping_place(self):
            self.clear()
            if about is not None:
                self._show_one(about)
            elif chosen:
                self._show_several([summary.card for summary in chosen])
            else:
                self.add_section().addWidget(
                    EmptyState(
                        tr("No pass is selected"),
                        tr("Select one to see where it can charge, how stations spell it and when it was used."),
                    )
                )

    def refresh(self) -> None:
        """Look again: something happened that may concern what is shown."""
        self.show_passes(self._shown)

    # One pass

    def _read(self, summary: PassSummary) -> About:
        card = summary.card
        desk = self._desk
        changes = desk.application.history.of_pass(card.id, limit=HISTORY)
        return About(
            summary=summary,
            stations=station_lines(desk, desk.application.explanations.of_pass(card.id)),
            seen=self._seen(card),
            history=self._history(card, changes),
            has_changed=bool(changes),
            today=desk.now().date(),
        )

    def _show_one(self, about: About) -> None:
        desk, card = self._desk, about.summary.card
        toggle = (
            button(tr("Unblock"), lambda: block(desk, [card], blocked=False))
            if card.blocked
            else danger_button(tr("Block"), lambda: block(desk, [card]))
        )
        self.show_head(card.title, pill=state_of(desk, card), actions=[_called(toggle, "block")])
        facts = self.add_section()
        facts.addWidget(KeyValueGrid(self._facts(about)))
        warning = CheckDigitWarning(lambda visible_id: correct_visible_id(desk, card, visible_id))
        facts.addWidget(warning)
        warning.look_at(card.visible_id or "")
        facts.addLayout(
            row(
                _called(button(tr("Edit…"), lambda: desk.run(edit_pass(desk, card))), "edit"),
                _called(danger_button(tr("Remove"), lambda: remove(desk, [card])), "remove"),
                None,
            )
        )
        self._show_stations(card, about.stations)
        history = self.add_section(tr("History"))
        for line in about.history:
            history.addWidget(muted(line))
        if about.has_changed:
            history.addLayout(
                row(_called(link_button(tr("All changes…"), self._all_changes, flush=True), "changes"), None)
            )

    def _facts(self, about: About) -> list[tuple[str, str | QWidget]]:
        desk, summary = self._desk, about.summary
        card = summary.card
        identity: str | QWidget = tr("external")
        if card.identity_id is not None:
            identity = link_button(f"{summary.holder} →", lambda: desk.go("identities", card.identity_id), flush=True)
            identity.setObjectName("identity")
        facts: list[tuple[str, str | QWidget]] = [
            (tr("Visible ID"), mono(card.visible_id) if card.visible_id else NOTHING),
            (tr("Hidden ID"), mono(card.uid) if card.uid else muted(tr("waiting for its first tap"))),
            (tr("Identity"), identity),
            (tr("Pools"), summary.pools or NOTHING),
            (tr("Valid"), validity(desk, card)),
        ]
        for number, form in enumerate(about.seen):
            facts.append((tr("Also seen as") if number == 0 else "", self._spelling(form)))
        return facts

    def _spelling(self, form: SeenForm) -> QWidget:
        station = self._desk.application.stations.find(form.station_id)
        both = QWidget()
        at = tr("at {station}").format(station=station.title if station else form.station_id)
        both.setLayout(row(mono(form.raw_id_tag), muted(at)))
        return both

    def _show_stations(self, card: Pass, lines: Sequence[StationLine]) -> None:
        desk = self._desk
        section = table_section(self, tr("Where it can charge"), how_many_of(lines) if card.uid else "")
        if card.uid is None:
            words = tr(
                "Nowhere yet: no station knows its UID. Press Capture its UID and hold it to a reader, "
                "or fill its UID in with Edit."
            )
            if any(line.decision.accepted for line in lines):
                words = tr("{words} With its UID:").format(words=words)
            section.addLayout(indented(paragraph(words, tone="muted")))
        if not lines:
            section.addLayout(indented(paragraph(tr("No station was accepted yet."), tone="muted")))
        elif card.uid or any(line.decision.accepted for line in lines):
            section.addWidget(station_table(desk, lines))
        add = link_button(tr("Add to a pool…"), lambda: desk.run(add_passes_to_a_pool(desk, [card])), flush=True)
        attempt = link_button(tr("Try it…"), lambda: try_card(desk, uid=card.uid or ""), flush=True)
        capture = link_button(tr("Capture its UID"), lambda: desk.go("capture", card.id), flush=True)
        buttons = [_called(add, "add"), _called(attempt, "try")] if card.uid else [capture, _called(add, "add")]
        section.addLayout(indented(*buttons, None))

    def _all_changes(self) -> None:
        card = self._shown[0].card
        dialog = AccessHistoryDialog(self._desk, card.title, lambda history: history.show_pass(card.id))
        self._desk.run(ask(dialog))

    def _seen(self, card: Pass) -> tuple[SeenForm, ...]:
        """How stations spell it, where that is not the UID itself: each spelling once, the latest first."""
        forms = {
            form.raw_id_tag: form
            for form in reversed(self._desk.application.passes.seen_forms(card.id))
            if form.raw_id_tag != card.uid
        }
        return tuple(reversed(forms.values()))[:SEEN_FORMS]

    def _history(self, card: Pass, changes: Sequence[AccessChange]) -> tuple[str, ...]:
        """What was done with it and what was changed about it, the latest first."""
        desk = self._desk
        lines = [(change.at, of_pass(change)) for change in changes]
        lines += map(session_line, desk.application.sessions.of_pass(card.id, limit=HISTORY))
        if card.uid is not None:
            taps = desk.application.journal.taps(uid=card.uid, limit=HISTORY)
            # A start that was accepted is a session, and told as one.
            lines += [tap_line(tap) for tap in taps if tap.status != "Accepted" or tap.source is TapSource.AUTHORIZE]
        if card.created_at is not None and not any(change.kind is ChangeKind.PASS_ADDED for change in changes):
            # It is older than the history of access, or that is longer than what is told here.
            lines.append((card.created_at, tr("this pass was made")))
        return told(desk, lines, limit=HISTORY)

    # Several

    def _show_several(self, cards: list[Pass]) -> None:
        desk = self._desk
        self.show_head(tr("{count} passes").format(count=len(cards)))
        section = self.add_section()
        section.addWidget(paragraph(tr("What you do now is done to all of them, and can be undone."), tone="muted"))
        blocked = [card for card in cards if card.blocked]
        buttons: list[QWidget] = []
        if len(blocked) < len(cards):
            buttons.append(danger_button(tr("Block"), lambda: block(desk, cards)))
        if blocked:
            buttons.append(button(tr("Unblock"), lambda: block(desk, cards, blocked=False)))
        buttons.append(danger_button(tr("Remove"), lambda: remove(desk, cards)))
        section.addLayout(row(*buttons, None))
        add = link_button(tr("Add to a pool…"), lambda: desk.run(add_passes_to_a_pool(desk, cards)), flush=True)
        section.addLayout(row(add, None))


def _called(widget: QWidget, name: str) -> QWidget:
    """Named, so that the keyboard finds the same button again after the pane was filled anew."""
    widget.setObjectName(name)
    return widget
