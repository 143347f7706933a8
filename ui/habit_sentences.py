"""What a station does otherwise than OCPP has it, in sentences about the station. `ui.strings.sentence` knows them."""

from collections.abc import Mapping

HABITS: Mapping[str, str] = {
    # How it writes its messages
    "habit.binary_frame": "It sends its messages as binary frames: read like text.",
    "habit.invalid_utf8": "It sends bytes that are no UTF-8: each is shown as �.",
    "habit.padding": "It puts odd characters around its messages: left out.",
    "habit.loose_json": "Its JSON holds characters that JSON forbids: read all the same.",
    "habit.message_type": "It writes the type of a message as text or with a fraction: read as the number.",
    "habit.numeric_message_id": "Its message IDs are numbers: answered with the same number.",
    "habit.long_message_id": "Its message IDs are longer than 36 characters: answered as they are.",
    "habit.reused_message_id": "It uses message IDs again: each message is handled by itself.",
    "habit.missing_payload": "It sends messages without content: read as empty.",
    "habit.null_payload": "It sends null as content: read as empty.",
    "habit.list_payload": "It sends a list as content: what is in it is read.",
    "habit.json_in_text": "It sends JSON packed into a text once more: unpacked.",
    "habit.extra_elements": "Its messages have more parts than they should: left out.",
    "habit.incomplete_error": "Its errors lack a code or a description: shown without.",
    "habit.action_spelling": "It spells the names of messages in another way: understood.",
    # What stands in them
    "habit.field_spelling": "It spells the names of fields in another way: understood.",
    "habit.field_missing": "It leaves out fields that must be there: what is most likely meant is taken.",
    "habit.field_wrong_type": "It sends numbers as text, text as numbers, or one thing for a list: converted.",
    "habit.field_too_long": "It sends texts or lists that are too long: cut.",
    "habit.field_unprintable": "It sends characters that cannot be shown: left out.",
    "habit.field_unknown_value": "It uses words that OCPP does not know: kept, and read as what is closest.",
    "habit.field_out_of_range": "It sends numbers that cannot be: read as unknown.",
    "habit.card_as_number": "It sends a card's ID as a number, which loses zeros in front: it may look unknown.",
    "habit.card_of_remote_start": "It names no card in charges started from here: the one named then is decided.",
    "habit.no_transaction": "It names no session in its reports: they are matched by connector and time.",
    # Its times
    "habit.time_without_zone": "It sends times without a zone: read as UTC.",
    "habit.time_taken_as_local": "It sends times without a zone: read as this computer's, for only then they are now.",
    "habit.time_spelling": "It writes times in another way than OCPP has it: understood.",
    "habit.time_unreadable": "It sends times that cannot be read: the time of arrival is taken.",
    "habit.clock_not_set": "It sends times that cannot be true: the time of arrival is taken.",
    # What could not be read at all
    "habit.empty": "It sends empty messages: ignored.",
    "habit.not_json": "It sends what is no JSON: refused, with its ID where there is one.",
    "habit.not_a_message": "It sends JSON that is no OCPP message: refused.",
    "habit.unknown_message_type": "It sends what is neither a question nor an answer: ignored.",
    "habit.bad_message_id": "It sends message IDs that cannot be used: refused.",
    "habit.bad_action": "It sends messages that do not say what they are about: refused.",
    "habit.bad_payload": "It sends content that is no JSON object: refused.",
    # What only the schema objects to; {field} is the message and the field
    "schema.missing": "{field} is left out.",
    "schema.extra": "{field} is not in OCPP.",
    "schema.type": "{field} is of another kind.",
    "schema.word": "{field} is a word that OCPP does not have.",
    "schema.length": "{field} is too long or too short.",
    "schema.format": "{field} is written in another way.",
    "schema.other": "{field} is not as OCPP has it.",
}
