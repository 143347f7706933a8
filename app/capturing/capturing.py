"""Capturing without a screen: it listens to one reader, and does with each card what was chosen."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta

from app.bus import Bus
from app.capturing.kept import keep_run, read_run
from app.capturing.moving import move_uid
from app.capturing.queue import PassQueue
from app.database.store import Store
from app.domain.capture import (
    KEPT,
    CapturedCard,
    CaptureMode,
    CardReader,
    HeldCard,
    NewPasses,
    Outcome,
    ReaderKind,
    TypedForm,
    uid_typed,
)
from app.domain.drafts import PassDraft, clean_name
from app.domain.errors import AppError
from app.domain.events import CaptureChanged, CardTapped, PassesChanged, SessionChanged
from app.domain.ids import Uid
from app.domain.model import Pass, Tap, TapSource
from app.passes import Passes
from app.undo import Undo

#: A card held again so soon is the same one, still lying there.
SAME_WITHIN = timedelta(seconds=5)
#: A charge that began longer ago was kept by its station until now: nobody holds its card to the reader.
LATE_AFTER = timedelta(minutes=10)


class Capturing:
    """Cards are dealt with one after another in the order in which they came, however fast that is.

    It listens between `arm` and `disarm`. What was chosen and what was captured is kept and read again after a
    restart; `CaptureChanged` tells of everything.
    """

    def __init__(self, store: Store, bus: Bus, passes: Passes, clock: Callable[[], datetime]) -> None:
        self._store, self._bus, self._passes, self._clock = store, bus, passes, clock
        self._run = read_run(store)
        self._queue = PassQueue(store, self._run.order)
        self._is_armed = False
        self._in_turn = asyncio.Lock()
        self._work: set[asyncio.Task[object]] = set()
        self._last_held: dict[Uid, datetime] = {}
        self._last_began: dict[str, tuple[str, datetime]] = {}
        self._undo: dict[int, Undo] = {}
        self._next_number: int | None = None
        bus.subscribe(CardTapped, self._tapped)
        bus.subscribe(SessionChanged, self._session_changed)
        bus.subscribe(PassesChanged, self._passes_changed)

    # How it stands

    @property
    def is_armed(self) -> bool:
        """Whether cards count now."""
        return self._is_armed and self._run.reader.kind is not ReaderKind.NONE

    @property
    def mode(self) -> CaptureMode:
        return self._run.mode

    @property
    def reader(self) -> CardReader:
        return self._run.reader

    @property
    def new_passes(self) -> NewPasses:
        return self._run.new_passes

    @property
    def typed_form(self) -> TypedForm:
        return self._run.typed_form

    @property
    def sound(self) -> bool:
        return self._run.sound

    @property
    def cards(self) -> list[CapturedCard]:
        """Every card since the last Finish, the oldest first."""
        return list(self._run.cards)

    @property
    def captured(self) -> list[CapturedCard]:
        """Those of them whose UID was saved or listed."""
        return [card for card in self._run.cards if card.outcome in KEPT]

    def queue(self) -> list[int]:
        """The ids of the passes without a UID, the next one first."""
        return self._queue.ids()

    def hears(self, tap: Tap) -> bool:
        """Whether a tap is one for this: no other part need speak of it."""
        return self.is_armed and self._run.reader.hears(tap)

    def next_name(self) -> str:
        """What the next new pass will be called."""
        return self._run.new_passes.name(self._number())

    # What is chosen

    def arm(self) -> None:
        """From now on the cards of the chosen reader count."""
        self._is_armed = True

    def disarm(self) -> None:
        """Cards count no more; those that were held already are still dealt with."""
        self._is_armed = False

    async def choose_mode(self, mode: CaptureMode) -> None:
        """What the next cards are captured for. As all that is chosen: raises AppError `disk_…`, and holds."""
        self._run.mode = mode
        await self._keep()

    async def choose_reader(self, reader: CardReader) -> None:
        """Whose cards count."""
        self._run.reader = reader
        await self._keep()

    async def choose_new_passes(self, new_passes: NewPasses) -> None:
        """What passes are made of. Raises AppError `name_too_long` too; then nothing is chosen."""
        clean_name(new_passes.name(999))
        self._run.new_passes = new_passes
        self._next_number = None
        await self._keep()

    async def choose_typed_form(self, form: TypedForm) -> None:
        """How a reader that types spells cards."""
        self._run.typed_form = form
        await self._keep()

    async def choose_sound(self, *, sound: bool) -> None:
        """Whether cards are heard."""
        self._run.sound = sound
        await self._keep()

    async def place(self, pass_id: int, at: int) -> None:
        """Put a waiting pass at a place of the queue; 0 makes it the next one."""
        self._queue.place(pass_id, at)
        await self._keep()

    async def skip(self, pass_id: int) -> None:
        """Let every other pass of the queue go before this one."""
        self._queue.put_last(pass_id)
        await self._keep()

    # Cards

    def typed(self, text: str) -> None:
        """A reader that types gave a line; it counts while such a reader is armed."""
        if not self.is_armed or self._run.reader.kind is not ReaderKind.USB:
            return
        now = self._clock()
        try:
            card = HeldCard(uid_typed(text, self._run.typed_form), now)
        except AppError as error:
            facts = tuple((name, str(value)) for name, value in error.params.items())
            entry = self._entry(HeldCard(Uid(""), now), Outcome.FAILED, code=error.code, facts=facts)
            self._begin(self._add_in_turn(entry))
            return
        self._hold(card)

    async def settled(self) -> None:
        """Wait until every card that was held so far is dealt with."""
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)

    async def close(self) -> None:
        """Deal with what was held, and no more."""
        self.disarm()
        await self.settled()

    def _tapped(self, event: CardTapped) -> None:
        tap = event.tap
        if not self.hears(tap):
            return
        raw, began_at = self._last_began.get(tap.station_id, ("", None))
        at_start = tap.source is TapSource.START
        began_at = began_at if at_start and raw == tap.raw_id_tag else None
        self._hold(HeldCard(tap.uid, tap.at, tap.station_name, at_start=at_start, began_at=began_at))

    def _session_changed(self, event: SessionChanged) -> None:
        session = event.session
        self._last_began[session.station_id] = (session.raw_id_tag, session.started_at)

    def _passes_changed(self, event: PassesChanged) -> None:
        self._queue.look_at(event.pass_ids)
        self._next_number = None

    def _hold(self, card: HeldCard) -> None:
        # What was chosen at this moment holds for this card, also when others still wait before it.
        self._begin(self._deal_with(card, self._run.mode, self._run.new_passes))

    def _begin(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _deal_with(self, card: HeldCard, mode: CaptureMode, new_passes: NewPasses) -> None:
        async with self._in_turn:
            entry = await self._outcome(card, mode, new_passes)
            if entry.outcome is Outcome.FAILED:
                # Holding it again is what the operator will do.
                self._last_held.pop(card.uid, None)
            await self._add(entry)

    async def _add_in_turn(self, entry: CapturedCard) -> None:
        async with self._in_turn:
            await self._add(entry)

    async def _add(self, entry: CapturedCard) -> None:
        self._run.number = self._free_number()
        self._run.cards.append(replace(entry, number=self._run.number))
        # What stands with the passes already is shown without waiting for the disk again.
        is_told = entry.outcome is not Outcome.COLLECTED
        if is_told:
            self._bus.publish(CaptureChanged())
        try:
            await self._keep(is_told=is_told)
        except AppError as error:
            if entry.outcome is Outcome.COLLECTED:
                self._run.cards[-1] = replace(self._run.cards[-1], outcome=Outcome.FAILED, code=error.code)
                self._last_held.pop(entry.uid, None)

    async def _outcome(self, card: HeldCard, mode: CaptureMode, new_passes: NewPasses) -> CapturedCard:
        if card.unfit is not None:
            return self._entry(card, Outcome.UNFIT, mode, code=card.unfit.value)
        held, self._last_held[card.uid] = self._last_held.get(card.uid), card.at
        again = held is not None and card.at - held < SAME_WITHIN
        owner = self._passes.find(card.uid)
        if again or self._was_captured(card, mode, owner):
            return self._entry(card, Outcome.SAME, mode, owner)
        if mode is CaptureMode.COLLECT:
            return self._entry(card, Outcome.COLLECTED, mode, owner)
        if owner is not None:
            return self._entry(card, Outcome.BELONGS, mode, owner)
        if card.began_at is not None and card.at - card.began_at > LATE_AFTER:
            return self._entry(card, Outcome.LATE, mode)
        try:
            if mode is CaptureMode.NEW:
                return await self._make_pass(card, new_passes)
            return await self._fill_next(card)
        except AppError as error:
            facts = tuple((name, str(value)) for name, value in error.params.items())
            return self._entry(card, Outcome.FAILED, mode, code=error.code, facts=facts)

    def _was_captured(self, card: HeldCard, mode: CaptureMode, owner: Pass | None) -> bool:
        """Whether it is on the list of UIDs, or this is the report of a charge that began with its capture."""
        if mode is CaptureMode.COLLECT:
            return any(each.uid == card.uid for each in self.captured)
        return card.at_start and owner is not None and any(each.pass_id == owner.id for each in self.captured)

    async def _fill_next(self, card: HeldCard) -> CapturedCard:
        while (pass_id := self._queue.first()) is not None:
            try:
                undo = await self._passes.give_uid(pass_id, card.uid)
            except AppError as error:
                if error.code not in ("pass_has_uid", "pass_unknown"):
                    raise
                # Somebody else was quicker with this pass: the next one gets the card.
                self._queue.look_at(())
                continue
            entry = self._entry(card, Outcome.SAVED, CaptureMode.FILL, self._passes.require(pass_id))
            self._undo[self._free_number()] = undo
            return entry
        return self._entry(card, Outcome.NOTHING_LEFT, CaptureMode.FILL)

    async def _make_pass(self, card: HeldCard, new_passes: NewPasses) -> CapturedCard:
        number = self._number()
        draft = PassDraft(tapped=card.uid, name=new_passes.name(number), identity_id=new_passes.identity_id)
        made = await self._passes.add(draft, pool_id=new_passes.pool_id)

        async def undo() -> None:
            await self._passes.remove([made.id])

        self._undo[self._free_number()] = undo
        self._next_number = number + 1
        return self._entry(card, Outcome.SAVED, CaptureMode.NEW, made)

    def _number(self) -> int:
        """The next one of the pattern: after the highest that a pass has."""
        if self._next_number is None:
            numbers = map(self._run.new_passes.number_of, self._passes.names())
            self._next_number = max(numbers, default=0) + 1
        return self._next_number

    # What is changed afterwards

    def can_undo(self) -> bool:
        """Whether there is a card to take back. What became a pass before a restart is changed on the passes' page."""
        return self._last_undoable() is not None

    async def undo_last(self) -> CapturedCard | None:
        """Take the last card back, and the one before it when called again; gives it as it was.

        Its pass is the next one again. Raises AppError `undo_overtaken` when it was changed since.
        """
        async with self._in_turn:
            card = self._last_undoable()
            if card is None:
                return None
            undo = self._undo.pop(card.number, None)
            if undo is not None:
                await undo()
            self._last_held.pop(card.uid, None)
            self._change(replace(card, outcome=Outcome.UNDONE))
            if card.mode is CaptureMode.FILL and card.pass_id is not None:
                self._queue.look_at(())
                if self._queue.first() != card.pass_id:
                    self._queue.place(card.pass_id, 0)
            await self._keep()
            return card

    async def give_to(self, number: int, pass_id: int) -> None:
        """Give a card that belongs to another pass, or was reported late, to a pass that waits for its UID.

        Raises AppError as `Passes.give_uid` does.
        """
        async with self._in_turn:
            card = next(each for each in self._run.cards if each.number == number)
            if self._passes.find(card.uid) is None:
                undo, outcome = await self._passes.give_uid(pass_id, card.uid), Outcome.SAVED
            else:
                undo, outcome = await move_uid(self._store, self._bus, self._clock, card.uid, pass_id), Outcome.MOVED
            self._undo[number] = undo
            self._change(replace(card, outcome=outcome, pass_id=pass_id, title=self._passes.require(pass_id).title))
            await self._keep()

    async def finish(self) -> Undo:
        """Stop listening and begin a new list; what was captured stays. Awaiting the Undo brings the list back."""
        self.disarm()
        await self.settled()
        before, undos = self._run.cards, self._undo
        self._run.cards, self._undo = [], {}
        self._last_held.clear()
        self._queue.forget_order()
        await self._keep()

        async def bring_back() -> None:
            self._run.cards = before + self._run.cards
            self._undo = undos | self._undo
            await self._keep()

        return bring_back

    def _last_undoable(self) -> CapturedCard | None:
        for card in reversed(self._run.cards):
            if card.outcome in KEPT and (card.mode is CaptureMode.COLLECT or card.number in self._undo):
                return card
        return None

    def _change(self, card: CapturedCard) -> None:
        self._run.cards = [card if each.number == card.number else each for each in self._run.cards]

    def _free_number(self) -> int:
        return self._run.number + 1

    def _entry(
        self,
        card: HeldCard,
        outcome: Outcome,
        mode: CaptureMode | None = None,
        owner: Pass | None = None,
        *,
        code: str = "",
        facts: tuple[tuple[str, str], ...] = (),
    ) -> CapturedCard:
        return CapturedCard(
            number=0,
            at=card.at,
            uid=card.uid,
            outcome=outcome,
            mode=mode or self._run.mode,
            where=card.where,
            pass_id=owner.id if owner else None,
            title=owner.title if owner else "",
            code=code,
            facts=facts,
        )

    async def _keep(self, *, is_told: bool = False) -> None:
        """Write the run and tell, unless that was done. What cannot be written now is written with the next card."""
        self._run.order = self._queue.order
        try:
            await keep_run(self._store, self._run)
        finally:
            if not is_told:
                self._bus.publish(CaptureChanged())
