"""Every word for an operator that is not fixed text of one page: codes in, sentences out.

    tr("Copy")                                   # a text in the operator's language
    sentence("port_taken", port=9000)            # the sentence of an AppError or of a reason

To add a code: one line in `SENTENCES`, under its heading. A sentence says what happened, then what to do; what stands
in braces is a parameter of the error. Works without Qt, so that the command line says the same words.
"""

import sys

SENTENCES: dict[str, str] = {
    # Filled in by an operator
    "uid_empty": "Fill in the UID, or hold the card to a station and take it from there.",
    "uid_looks_like_visible_id": "{visible_id} is the ID printed on the card. The UID is the hidden number that only a reader sees.",
    "uid_too_long": "A UID has {limit} characters at most; this has {length}.",
    "uid_bad_characters": "A UID cannot hold {characters}.",
    "visible_id_empty": "Fill in the ID that is printed on the card.",
    "visible_id_looks_like_uid": "{uid} is a UID: the hidden number that only a reader sees. The visible ID is printed on the card.",
    "visible_id_too_long": "A visible ID has {limit} characters at most; this has {length}.",
    "visible_id_bad_characters": "A visible ID cannot hold {characters}.",
    "pass_without_id": "A pass needs a UID or a visible ID, or both.",
    "validity_reversed": "The last day lies before the first. Swap them.",
    "name_too_long": "A name has {limit} characters at most.",
    "email_empty": "Fill in the e-mail address: it is how Tapdesk tells people apart.",
    "email_not_an_address": "“{email}” is not an e-mail address. It looks like name@example.com.",
    "email_taken": "There is an identity with the address {email} already. Choose that one.",
    "pool_name_empty": "Give the pool a name.",
    "pool_name_taken": "There is a pool of that name already. Choose another name.",
    "uid_taken": "{value} belongs to {title} already. Remove it there first, or use that pass.",
    "visible_id_taken": "{value} is on {title} already. Use that pass, or correct the number.",
    "pass_has_uid": "{title} has the UID {uid} already. Remove it there first, or choose another pass.",
    "station_id_empty": "Fill in the station's ID: the last part of the address it connects to.",
    "station_id_too_long": "A station's ID has {limit} characters at most.",
    "station_id_bad_characters": "“{station_id}” cannot be a station's ID: use letters, digits and . _ - ~ | @ + *",
    # What was chosen is not there (any more)
    "pool_unknown": "That pool is not there any more. Choose another one.",
    "pool_not_found": "There is no pool “{name}”. `tapdesk pools list` shows those there are.",
    "identity_unknown": "That identity is not there any more. Choose another one.",
    "identity_not_chosen": "Nobody here is called “{text}”. Choose somebody from the list, or make a new identity.",
    "identity_not_found": "There is no identity with the address {email}. `tapdesk identities add` makes one.",
    "pass_unknown": "That pass is not there any more. Choose another one.",
    "pass_not_found": "There is no pass with the UID {uid}. `tapdesk passes add` makes one.",
    "undo_overtaken": "This cannot be taken back any more: something new has taken its place. Nothing was changed.",
    "member_unknown": "One of these is not there any more. Nothing was added; look again and retry.",
    "not_a_member_of_pool": "One of these is no member of {pool}. Nothing was removed.",
    "station_unknown": "There is no station {station_id}. `tapdesk stations accept {station_id}` lets it in ahead of time.",
    "station_not_in_pool": "{station} is not in {pool}. Nothing was removed.",
    # Settings
    "setting_unknown": "There is no setting {key}.",
    "setting_wrong_kind": "This is not a value for {key}.",
    "setting_out_of_range": "Choose a number from {lowest} to {highest}.",
    "setting_too_long": "This is longer than {highest} characters.",
    "setting_not_a_choice": "Choose one of: {choices}.",
    # Asking a station something
    "station_not_connected": "The station is not connected. It can be asked again when it is back.",
    "station_silent": "The station did not answer {action} in time. Try again, or look at its connection.",
    "station_refused": "The station does not do {action}: {error} {description}",
    "station_answer_unreadable": "The station's answer to {action} cannot be read. The live log shows it.",
    "station_queue_full": "{limit} questions wait for this station already. Try again when it has answered.",
    # Starting
    "port_taken": "Port {port} is in use by another program. Close that, or choose another port with --port or in Settings.",
    "port_not_allowed": "This account may not listen on port {port}. Choose one above 1023, such as 9000.",
    "address_not_here": "This machine cannot listen on {host}: {why}.",
    "data_folder_in_use": "Another Tapdesk has {path} open. Close it, or use its window.",
    "data_folder_not_writable": "{path} cannot be written to. Choose another folder with --data, or change its permissions.",
    "data_folder_unusable": "{path} cannot be used: {why}. Choose another folder with --data.",
    "nothing_here_yet": "There is nothing in {path} yet. `tapdesk serve` or the window begins a site there.",
    "demo_needs_empty_folder": "{path} holds a site already. The demo wants an empty folder, or none.",
    "database_newer": "This site was last open in a newer Tapdesk. Install that version; nothing was changed.",
    "database_older": "This site is from an earlier Tapdesk. Start the window or `tapdesk serve` once: it brings the site up to date.",
    "database_damaged": "The database {path} is damaged. Nothing was changed; restore a backup.",
    "database_absent": "There is no database at {path}.",
    "database_read_only": "The site is open for reading only.",
    "backup_damaged": "The copy {path} came out damaged and was thrown away. The site itself is untouched; check the disk.",
    "backup_not_written": "The copy {path} could not be written: {why}. The site itself is untouched; choose another place.",
    "backup_onto_itself": "{path} is the site itself. Choose another place for the copy.",
    "picture_not_written": "{path} cannot be written. Choose another folder.",
    "no_window": "{why}. `tapdesk serve` works without a window.",
    # The disk
    "disk_full": "The disk is full. Known cards are still decided; new sessions wait until there is room again.",
    "disk_read_only": "The disk is read-only. Known cards are still decided; new sessions wait until it can be written.",
    "disk_failing": "The disk does not answer. Known cards are still decided; new sessions wait until it does.",
    "disk_busy": "Another program holds the database. Known cards are still decided; new sessions wait until it lets go.",
    # Why a card was accepted or refused
    "station_not_accepted": "the station is not accepted",
    "no_pool": "the station is in no pool",
    "free_vend": "free for everyone here",
    "unknown_card": "unknown card",
    "pass_blocked": "the pass is blocked",
    "pass_expired": "the pass has expired",
    "pass_not_yet_valid": "the pass is not valid yet",
    "identity_expired": "the identity has expired",
    "identity_not_yet_valid": "the identity is not valid yet",
    "not_a_member": "not in pool {pool}",
    "session_limit": "charging elsewhere already",
    "registered_pass": "registered pass, {pool} is public",
    "pass_is_member": "member of {pool}",
    "identity_is_member": "member of {pool}",
    "grant": "let in for once at {pool}",
    "may_stop": "may stop a session",
    "start_never_came": "its start was never reported",
    "stop_never_came": "its stop was never reported",
    # Why a session ended, as the station says it (OCPP 1.6 §7.36); one that says nothing means Local
    "ended.": "stopped at the station",
    "ended.Local": "stopped at the station",
    "ended.EVDisconnected": "the car was unplugged",
    "ended.Remote": "stopped remotely",
    "ended.DeAuthorized": "the card was not authorized",
    "ended.EmergencyStop": "the emergency stop was pressed",
    "ended.PowerLoss": "the power failed",
    "ended.Reboot": "the station restarted by itself",
    "ended.HardReset": "the station was restarted",
    "ended.SoftReset": "the station was restarted",
    "ended.UnlockCommand": "the connector was unlocked remotely",
    "ended.Other": "another reason",
    # The steps of a decision: the same words with ✓ (it holds) and, with `.no`, ✕ (it does not)
    "step.station_accepted": "{station} is accepted",
    "step.station_accepted.no": "{station} is not accepted",
    "step.station_in_pool": "It is in pool {pool}",
    "step.station_in_pool.no": "It is in no pool, so nobody may charge there",
    "step.pool_free_vend": "{pool} is free for everyone",
    "step.pool_free_vend.no": "{pool} is not free for everyone",
    "step.card_known": "The UID belongs to {holder}",
    "step.card_known.no": "No pass has UID {uid}",
    "step.pass_not_blocked": "The pass is not blocked",
    "step.pass_not_blocked.no": "The pass is blocked",
    "step.pass_valid": "The pass is valid today",
    "step.pass_valid.no": "The pass is not valid today",
    "step.identity_valid": "{holder} is valid today",
    "step.identity_valid.no": "{holder} is not valid today",
    "step.pool_admits": "{pool} admits this pass",
    "step.pool_admits.no": "{holder} is not a member of {pool}",
    "step.within_limit": "It is not charging elsewhere",
    "step.within_limit.no": "It is charging elsewhere already",
    # How an unknown card resembles a known one
    "alike.bytes_reversed": "with its bytes reversed",
    "alike.decimal": "written as a decimal number",
    "alike.decimal_reversed": "reversed and written as a decimal number",
    "alike.zero_padded": "with zeros added",
    "alike.suffixed": "with something added behind it",
    "alike.truncated": "one byte longer or shorter",
    # Kinds of UID
    "kind.random": "A phone or passport: its UID is a new one at each tap, so it cannot be a pass.",
    "kind.vehicle": "A car's own number (Autocharge), not a card.",
    "kind.free_vend": "Sent by stations that let everyone charge, not a card.",
    "kind.empty": "The station sent no UID at all.",
    # Why a connection was not let in: {detail} is what was wrong in it
    "knock.no_identity": "Its URL names no station. Add the station's ID at the end: {url}ID.",
    "knock.bad_identity": "“{detail}” cannot be a station's ID. Use letters, digits and . _ - ~ | @ + *",
    "knock.no_subprotocol": "It does not say that it speaks OCPP. Set it to OCPP 1.6 JSON; a station accepted here by its ID is let in all the same.",
    "knock.version_not_served": "It offers {detail}. Set it to OCPP 1.6 JSON.",
    "knock.tls_on_plain_port": "It speaks TLS (wss) to a plain port. Use ws:// in its URL.",
    "knock.soap": "It speaks OCPP over SOAP, which is not served. Set it to OCPP 1.6 JSON.",
    "knock.broken_headers": "Its handshake is broken: {detail} is missing or wrong. Update its firmware.",
    "knock.not_a_websocket": "It is not a station: something asked for a web page.",
    "knock.unreadable_request": "Its request cannot be read. Look for blanks and odd characters in its URL.",
    "knock.never_finished": "It connected and then said nothing. Check its network.",
    "knock.already_connected": "Another station with the ID {station_id} is connected and alive. Give each its own ID.",
    # What is wrong with a connector, as the station says it (OCPP 1.6 §7.6)
    "error.ConnectorLockFailure": "Connector lock failure",
    "error.EVCommunicationError": "No communication with the car",
    "error.GroundFailure": "Ground failure",
    "error.HighTemperature": "Too hot",
    "error.InternalError": "Internal error",
    "error.LocalListConflict": "Local list conflict",
    "error.OtherError": "Other error",
    "error.OverCurrentFailure": "Over-current",
    "error.OverVoltage": "Over-voltage",
    "error.PowerMeterFailure": "Power meter failure",
    "error.PowerSwitchFailure": "Power switch failure",
    "error.ReaderFailure": "Card reader failure",
    "error.ResetFailure": "Reset failure",
    "error.UnderVoltage": "Under-voltage",
    "error.WeakSignal": "Weak wireless signal",
    # Frames that could not be read
    "fault": "Unreadable message",
    "fault.empty": "it is empty",
    "fault.not_json": "it is not JSON",
    "fault.not_a_message": "it is JSON, but no OCPP message",
    "fault.unknown_message_type": "it is neither a question nor an answer",
    "fault.bad_message_id": "its message ID cannot be used",
    "fault.bad_action": "it does not say what it is about",
    "fault.bad_payload": "its content is no JSON object",
    # What was put right to read a message all the same
    "repair.binary_frame": "It came as a binary frame.",
    "repair.invalid_utf8": "It was not valid UTF-8.",
    "repair.padding": "There were odd characters around the JSON.",
    "repair.loose_json": "Its JSON held characters that JSON forbids.",
    "repair.message_type": "Its message type was not a whole number.",
    "repair.numeric_message_id": "Its message ID was a number.",
    "repair.long_message_id": "Its message ID was longer than 36 characters.",
    "repair.reused_message_id": "Its message ID had been used before.",
    "repair.action_spelling": "The name of its action was spelled in another way.",
    "repair.missing_payload": "Its content was missing.",
    "repair.null_payload": "Its content was null.",
    "repair.list_payload": "Its content was a list.",
    "repair.extra_elements": "It had more parts than a message has.",
    "repair.incomplete_error": "Its error lacked a code or a description.",
    "repair.field_missing": "A field that must be there was missing.",
    "repair.field_wrong_type": "A field was of the wrong kind.",
    "repair.field_too_long": "A field was too long and was cut.",
    "repair.field_unprintable": "A field held characters that cannot be shown.",
    "repair.field_unknown_value": "A field held a word that OCPP does not know.",
    "repair.field_out_of_range": "A number was out of its range.",
    "repair.time_without_zone": "A time had no zone: it was read as UTC.",
    "repair.time_unreadable": "A time could not be read: that of arrival was taken.",
    "repair.clock_not_set": "The station's clock is wrong: the time of arrival was taken.",
    # A question of ours that brought no answer
    "unanswered.timed_out": "no answer in time",
    "unanswered.closed": "the connection ended first",
    "unanswered.unreadable_answer": "its answer cannot be read",
    "unanswered.error_answer": "refused",
}


def tr(text: str) -> str:
    """The text in the operator's language; as it is where no window is open."""
    core = sys.modules.get("PySide6.QtCore")
    return core.QCoreApplication.translate("Tapdesk", text) if core else text


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "…"


def sentence(code: str, **params: object) -> str:
    """What a code means, in words. An unknown code is named with its facts, never hidden."""
    template = SENTENCES.get(code)
    if template is None:
        facts = ", ".join(f"{name}: {value}" for name, value in params.items())
        what = f"{code}; {facts}" if facts else code
        return tr("This did not work, and nothing was changed ({what}).").format(what=what)
    return tr(template).format_map(_Facts(params))
