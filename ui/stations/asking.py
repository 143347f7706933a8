"""What a station can be asked to do, from wherever it is shown: each says in words what came of it.

actions = commands_for(desk, now)                     # for a menu; what cannot be done now says why
ask_to_stop(desk, station, session)
"""

from collections.abc import Callable, Coroutine
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.application import Reservation
from app.domain.commands import (
    ChangeAvailability,
    ClearCache,
    Command,
    Message,
    ResetStation,
    StopCharge,
    Trigger,
    Unlock,
    When,
)
from app.domain.errors import AppError
from app.domain.model import ConnectorStatus, OcppVersion, Session, Station
from app.domain.transfers import FileProtocol, Transfer, TransferKind
from ui.desk import Desk
from ui.sessions.words import who
from ui.stations.card_dialogs import ForgetHolderDialog, ReserveDialog, StartChargeDialog
from ui.stations.firmware_dialog import SignedFirmwareDialog
from ui.stations.refusals import refusal_words
from ui.stations.words import StationNow
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.buttons import Action


def commands_for(desk: Desk, now: StationNow) -> list[Action | None]:
    """Everything that can be asked of one station, in the order of how often it is wanted; None is a line between."""
    station, why_not = now.station, "" if now.online else tr("It is not connected.")

    def action(text: str, run: Callable[[], object], not_now: str = "") -> Action:
        return Action(text, run, why_not=why_not or not_now)

    stops = [
        action(tr("Stop {who}").format(who=who(each)), lambda each=each: ask_to_stop(desk, station, each))
        for each in now.sessions
    ]
    taken_back = [
        action(
            tr("Take back the reservation of {who}").format(who=each.holder),
            lambda each=each: take_back_reservation(desk, station, each),
        )
        for each in now.reservations
    ]
    unlocks = [
        action(
            tr("Unlock connector {number}").format(number=each.connector_id),
            lambda each=each: ask_to_unlock(desk, now, each.connector_id),
        )
        for each in now.connectors
        if each.connector_id
    ]
    out = all(each.status is ConnectorStatus.UNAVAILABLE for each in now.connectors if each.connector_id)
    availability = (
        action(tr("Put back into use"), lambda: ask_for_availability(desk, station, None, operative=True))
        if out and now.connectors
        else action(tr("Take out of use"), lambda: ask_for_availability(desk, station, None, operative=False))
    )
    return [
        action(tr("Start a charge…"), lambda: ask_to_start(desk, station)),
        action(tr("Reserve a connector for a pass…"), lambda: desk.run(ask(ReserveDialog(desk, station)))),
        *stops,
        *taken_back,
        *unlocks,
        None,
        availability,
        action(tr("Restart"), lambda: ask_to_restart(desk, station, hard=False, charging=len(now.running))),
        action(tr("Restart at once"), lambda: ask_to_restart(desk, station, hard=True, charging=len(now.running))),
        action(tr("Forget remembered cards"), lambda: ask_to_forget_cards(desk, station)),
        action(
            tr("Forget a card’s holder…"),
            lambda: desk.run(ask(ForgetHolderDialog(desk, station))),
            tr("OCPP 1.6 has no such request.") if station.ocpp_version is OcppVersion.V16 else "",
        ),
        action(tr("Tell its state again"), lambda: ask_for_state(desk, station)),
        None,
        action(tr("Fetch diagnostics"), lambda: fetch(desk, station, TransferKind.DIAGNOSTICS)),
        action(tr("Fetch security log"), lambda: fetch(desk, station, TransferKind.SECURITY_LOG)),
        action(tr("Update firmware…"), lambda: choose_firmware(desk, station)),
        action(tr("Update signed firmware…"), lambda: desk.run(ask(SignedFirmwareDialog(desk, station)))),
    ]


def ask_to_start(desk: Desk, station: Station, connector_id: int | None = None) -> None:
    """Ask which pass, then start with it."""
    desk.run(ask(StartChargeDialog(desk, station, connector_id)))


def ask_to_stop(desk: Desk, station: Station, session: Session) -> None:
    """Stop a session."""
    said = tr("{station} is ending the charge of {who}.").format(station=station.title, who=who(session))
    _plain(desk, station, StopCharge(session), said)


def take_back_reservation(desk: Desk, station: Station, reservation: Reservation) -> None:
    """Have it keep a connector free no longer."""

    async def take_back() -> None:
        await desk.application.reservations.cancel(reservation)
        words = tr("{station} keeps no connector for {who} any more.")
        desk.say(words.format(station=station.title, who=reservation.holder))

    _run(desk, station, take_back())


def ask_to_unlock(desk: Desk, now: StationNow, connector_id: int) -> None:
    """Let go of a cable; where somebody charges, that ends first, which is asked about."""
    station = now.station
    said = tr("Connector {number} of {station} is unlocked.").format(number=connector_id, station=station.title)
    charging = [each for each in now.running if each.connector_id == connector_id]

    def unlock() -> None:
        _plain(desk, station, Unlock(connector_id), said)

    if charging:
        _confirm(desk, tr("Unlocking ends the charge of {who}.").format(who=who(charging[0])), tr("Unlock"), unlock)
    else:
        unlock()


def ask_to_restart(desk: Desk, station: Station, *, hard: bool, charging: int = 0) -> None:
    """Restart a station; what a hard restart ends cannot be taken up again, so that it is asked about."""

    def restart() -> None:
        _run(desk, station, _restart(desk, station, hard=hard))

    if hard and charging:
        _confirm(desk, _ends(charging), tr("Restart at once"), restart)
    else:
        restart()


def _ends(charging: int) -> str:
    if charging == 1:
        return tr("Restarting at once ends the charge that runs there.")
    return tr("Restarting at once ends {count} charges.").format(count=charging)


async def _restart(desk: Desk, station: Station, *, hard: bool) -> None:
    when = await desk.application.carry_out(station.station_id, ResetStation(hard))
    words = tr("{station} will restart.") if when is When.NOW else tr("{station} restarts once its charges have ended.")
    desk.say(words.format(station=station.title))


def ask_for_availability(desk: Desk, station: Station, connector_id: int | None, *, operative: bool) -> None:
    """Take a station or one of its connectors out of use, or back into it; Undo is the other of the two."""
    _run(desk, station, _change_availability(desk, station, connector_id, operative=operative))


async def _change_availability(desk: Desk, station: Station, connector_id: int | None, *, operative: bool) -> None:
    async def change(into_use: bool) -> When:
        command = ChangeAvailability(connector_id, into_use)
        return await desk.application.carry_out(station.station_id, command)

    async def undo() -> None:
        await change(not operative)

    when = await change(operative)
    if operative:
        words = tr("{what} is back in use.")
    elif when is When.NOW:
        words = tr("{what} is out of use.")
    else:
        words = tr("{what} goes out of use once the charge there has ended.")
    what = station.title
    if connector_id:
        what = tr("Connector {number} of {station}").format(number=connector_id, station=station.title)
    desk.offer_undo(words.format(what=what), undo)


def ask_to_forget_cards(desk: Desk, station: Station) -> None:
    """Have it forget the cards that it remembers by itself."""
    _run(desk, station, _forget_cards(desk, station))


async def _forget_cards(desk: Desk, station: Station) -> None:
    if await desk.application.carry_out(station.station_id, ClearCache()):
        words = tr("{station} has forgotten the cards it remembered. It asks about each again.")
    else:
        words = tr("{station} remembers no cards: there was nothing to forget.")
    desk.say(words.format(station=station.title))


def ask_for_state(desk: Desk, station: Station) -> None:
    """Have it tell the state of its connectors."""
    said = tr("{station} tells the state of its connectors again.").format(station=station.title)
    _plain(desk, station, Trigger(Message.STATUS), said)


def fetch(desk: Desk, station: Station, kind: TransferKind, by: FileProtocol | None = None) -> None:
    """Have it send its diagnostics or its security log to this machine."""
    by_ftp = None if by else lambda: fetch(desk, station, kind, FileProtocol.FTP)
    _run(desk, station, _fetch(desk, station, kind, by), by_ftp)


async def _fetch(desk: Desk, station: Station, kind: TransferKind, by: FileProtocol | None) -> None:
    await desk.application.transfers.fetch(station.station_id, kind, by=by)
    words = tr("{station} is sending it. Its history shows how far it is, and the file.").format(station=station.title)
    desk.say(words)


def choose_firmware(desk: Desk, station: Station) -> None:
    """Ask for a file of this machine; the station fetches it from here and installs it."""
    dialog = QFileDialog(desk.window, tr("Firmware for {station}").format(station=station.title))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda path: update_firmware(desk, station, Path(path)))
    desk.run(ask(dialog))


def update_firmware(desk: Desk, station: Station, file: Path, by: FileProtocol | None = None) -> None:
    """Have it fetch a file of this machine and install it."""
    by_ftp = None if by else lambda: update_firmware(desk, station, file, FileProtocol.FTP)
    _run(desk, station, _update_firmware(desk, station, file, by), by_ftp)


async def _update_firmware(desk: Desk, station: Station, file: Path, by: FileProtocol | None) -> None:
    await desk.application.transfers.update_firmware(station.station_id, file, by=by)
    words = tr("{station} was told to fetch {file}. Its history shows how it gets on.")
    desk.say(words.format(station=station.title, file=file.name))


def try_ftp(desk: Desk, station: Station, transfer: Transfer) -> None:
    """Ask for a file once more, by FTP."""

    async def again() -> None:
        await desk.application.transfers.try_ftp(transfer)
        desk.say(tr("{station} is asked again, by FTP.").format(station=station.title))

    _run(desk, station, again())


def _plain(desk: Desk, station: Station, command: Command[None], said: str) -> None:
    async def carry_out() -> None:
        await desk.application.carry_out(station.station_id, command)
        desk.say(said)

    _run(desk, station, carry_out())


def _run(
    desk: Desk,
    station: Station,
    work: Coroutine[object, object, None],
    by_ftp: Callable[[], None] | None = None,
) -> None:
    """Where HTTP may be why it is declined, `by_ftp` is offered: some know only FTP, and do not say so."""

    def tell(error: AppError) -> None:
        words = refusal_words(station, error)
        declined = error.code == "station_has_no_log" or error.params.get("error") == "Rejected"
        if by_ftp and declined and desk.application.transfers.may_know_ftp(station.station_id):
            desk.notes.problem(f"{words} {tr('It may know only FTP.')}", Action(tr("Try FTP"), by_ftp))
        else:
            desk.notes.problem(words)

    desk.run(work, on_error=tell)


def _confirm(desk: Desk, words: str, yes: str, run: Callable[[], None]) -> None:
    """What cannot be undone is asked about first."""
    desk.notes.show_note(words, "warn", Action(yes, run), seconds=None)
