"""Why a station does not do what it was asked, in a sentence that says what to do next where that is known."""

from app.domain.errors import AppError
from app.domain.model import Station
from ui.strings import sentence, tr


def refusal_words(station: Station, error: AppError) -> str:
    """Any error of asking a station; a refusal is told with what its one word means."""
    if error.code != "station_refused":
        return sentence(error.code, **error.params)
    said = str(error.params.get("error", ""))
    word = "".join(filter(str.isalnum, said)).casefold()
    meaning = _of_requests().get((error.params.get("action"), word)) or _meanings().get(word)
    if meaning is None:
        description = str(error.params.get("description", ""))
        meaning = " ".join(part for part in (said, description) if part)
    return tr("{station} refused: {why}").format(station=station.title, why=meaning)


def _of_requests() -> dict[tuple[object, str], str]:
    return {
        ("ReserveNow", "rejected"): tr("it reserves nothing, or not this way."),
        ("InstallCertificate", "rejected"): tr("it does not take this certificate. Its memory for them may be full."),
        ("InstallCertificate", "failed"): tr("it could not keep the certificate."),
        ("DeleteCertificate", "failed"): tr("it needs this certificate, or cannot forget it."),
        ("DeleteCertificate", "notfound"): tr("it has no such certificate any more."),
        ("CancelReservation", "rejected"): tr("it knows of no such reservation: it is over."),
    }


def _meanings() -> dict[str, str]:
    nothing_said = tr("it gives no reason.")
    cannot = tr("it cannot do that.")
    return {
        "rejected": nothing_said,
        "notsupported": cannot,
        "notimplemented": cannot,
        "faulted": tr("the connector is out of order."),
        "occupied": tr("no connector is free to be kept."),
        "unavailable": tr("the connector is out of use."),
        "unlockfailed": tr("the cable did not come loose. Look at the socket."),
        "ongoingauthorizedtransaction": tr("somebody is charging there. Stop the charge first."),
        "unknownconnector": tr("it has no such connector."),
        "securityerror": tr("it does not trust this computer. Look under Security."),
        "invalidcertificate": tr("the firmware's certificate is not valid."),
        "revokedcertificate": tr("the firmware's certificate was revoked."),
        "invalid": tr("it knows nobody by that."),
        "internalerror": tr("something went wrong inside it."),
    }
