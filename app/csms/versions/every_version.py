"""What is answered alike in every version of OCPP, and how an exchange is summed up for the log."""

from app.csms.reading.repair import Fields
from app.csms.use_cases import BootAnswer, Caller, UseCases
from app.csms.versions.dialect import Handle, Outcome, Payload
from app.domain.instants import wire_time
from app.domain.transfers import TransferKind


def heartbeat(use_cases: UseCases, _caller: Caller, _fields: Fields) -> Outcome:
    """What time it is."""
    return Outcome({"currentTime": wire_time(use_cases.time_told())})


def data_transfer(_use_cases: UseCases, _caller: Caller, fields: Fields) -> Outcome:
    """We know no vendor's own messages."""
    return Outcome({"status": "UnknownVendorId"}, fields.text("vendorId"))


def noted(*names: str) -> Handle:
    """Heard and kept in the log, summed up by these fields; there is nothing to say to it."""

    def handle(_use_cases: UseCases, _caller: Caller, fields: Fields) -> Outcome:
        return Outcome({}, joined(*map(fields.text, names)))

    return handle


def file_told(kind: TransferKind) -> Handle:
    """How a file the station sends or fetches is getting on, for whoever waits for it, and for the log."""

    def handle(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
        word = fields.text("status")
        use_cases.transfer_told(caller, kind, word, fields.integer("requestId"))
        return Outcome({}, word)

    return handle


def boot_payload(answer: BootAnswer) -> Payload:
    """BootNotification.conf (1.6 §6.4), BootNotificationResponse (2.x)."""
    return {
        "status": answer.registration.value.capitalize(),
        "currentTime": wire_time(answer.now),
        "interval": answer.interval_s,
    }


async def sign_certificate(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    """A station wants its certificate signed: kept until somebody decides (1.6 A02.FR.11 and .12, 2.x A02.FR.11)."""
    # A vehicle's contract (2.x) is not for this site to sign.
    is_own = not fields.text("certificateType").casefold().startswith("v2g")
    csr = fields.raw("csr")
    wanted = is_own and isinstance(csr, str) and await use_cases.certificate_wanted(caller, csr)
    status = "Accepted" if wanted else "Rejected"
    return Outcome({"status": status}, status)


def joined(*parts: str) -> str:
    """Those that say something, side by side."""
    return " · ".join(part for part in parts if part)
