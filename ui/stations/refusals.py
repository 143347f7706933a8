"""Why a station does not do what it was asked, in a sentence that says what to do next where that is known."""

from app.domain.errors import AppError
from app.domain.model import Station
from ui.strings import sentence, tr


def refusal_words(station: Station, error: AppError) -> str:
    """Any error of asking a station; a refusal is told with what its one word means."""
    if error.code != "station_refused":
        return sentence(error.code, **error.params)
    said = str(error.params.get("error", ""))
    meaning = _meanings().get("".join(filter(str.isalnum, said)).casefold())
    if meaning is None:
        description = str(error.params.get("description", ""))
        meaning = " ".join(part for part in (said, description) if part)
    return tr("{station} refused: {why}").format(station=station.title, why=meaning)


def _meanings() -> dict[str, str]:
    nothing_said = tr("it gives no reason.")
    cannot = tr("it cannot do that.")
    return {
        "rejected": nothing_said,
        "notsupported": cannot,
        "notimplemented": cannot,
        "unlockfailed": tr("the cable did not come loose. Look at the socket."),
        "ongoingauthorizedtransaction": tr("somebody is charging there. Stop the charge first."),
        "unknownconnector": tr("it has no such connector."),
        "securityerror": tr("it does not trust this computer. Look under Security."),
        "invalidcertificate": tr("the firmware's certificate is not valid."),
        "revokedcertificate": tr("the firmware's certificate was revoked."),
        "invalid": tr("it knows nobody by that."),
        "internalerror": tr("something went wrong inside it."),
    }
