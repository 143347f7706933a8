"""What is wrong with a row of a list, in a few words. In braces: `value` is what stands in the cell, `other` what it
collides with, `offered` what may be meant. `ui.strings.sentence` knows them all.
"""

from collections.abc import Mapping

ROWS: Mapping[str, str] = {
    # What stands in a cell
    "row.uid_looks_like_visible_id": "UID column holds a visible ID",
    "row.visible_id_looks_like_uid": "visible ID column holds a UID",
    "row.uid_empty": "UID holds only blanks and separators",
    "row.uid_too_long": "UID is too long",
    "row.uid_bad_characters": "UID has characters that no UID has",
    "row.uid_too_short": "UID is too short: it may have lost zeros",
    "row.uid_became_number": "UID was turned into a number: its digits are lost",
    "row.uid_became_date": "UID was turned into a date: its digits are lost",
    "row.uid_has_separators": "UID was given thousands separators",
    "row.uid_unusual": "unusual UID for a card",
    "row.visible_id_empty": "visible ID holds only blanks and separators",
    "row.visible_id_too_long": "visible ID is too long",
    "row.visible_id_bad_characters": "visible ID has characters that none has",
    "row.check_digit_wrong": "check digit does not fit",
    "row.cell_fault": "the spreadsheet has an error here: {value}",
    "row.formula_without_result": "a formula that nothing has worked out: {value}",
    "row.name_too_long": "name is too long",
    "row.email_empty": "e-mail address is missing",
    "row.email_missing": "e-mail address is missing",
    "row.email_not_an_address": "not an e-mail address",
    "row.email_unknown": "holder not known",
    "row.not_a_day": "not a date",
    "row.day_or_month_first": "read day first, but may be {offered}",
    "row.neither_yes_nor_no": "neither yes nor no",
    "row.role_unknown": "role not known",
    "row.organization_unknown": "organization not known",
    "row.pool_not_found": "pool not known",
    "row.station_id_empty": "station ID is missing",
    "row.station_id_too_long": "station ID is too long",
    "row.station_id_bad_characters": "station ID has characters that none has",
    # What a row as a whole says
    "row.row_without_id": "neither visible ID nor UID",
    "row.row_without_member": "names nobody: no ID and no e-mail address",
    "row.ids_of_two_passes": "the IDs of two passes: {other}",
    "row.validity_reversed": "last day lies before the first",
    # What a row would replace
    "row.uid_replaced": "another UID: now {other}",
    "row.visible_id_replaced": "another visible ID: now {other}",
    "row.belongs_to_other": "belongs to {other} now",
    "row.pool_replaced": "is in {other} now",
    # What an earlier row of the list names already
    "row.duplicate_in_list.uid": "same UID as row {other}",
    "row.duplicate_in_list.visible_id": "same visible ID as row {other}",
    "row.duplicate_in_list.email": "same e-mail address as row {other}",
    "row.duplicate_in_list.station_id": "same station as row {other}",
    "row.duplicate_in_list.None": "same pass as row {other}",
}
