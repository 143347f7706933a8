"""What the columns of a sheet mean: by their headers in four languages, else by their values."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.ids import UidKind, canonical_uid, classify_uid
from app.domain.sheets import Row
from app.domain.visible_ids import visible_id_in


class ListKind(StrEnum):
    """What a list is a list of."""

    PASSES = "passes"
    MEMBERS = "members"
    IDENTITIES = "identities"
    STATIONS = "stations"


class Field(StrEnum):
    """What a column may hold."""

    VISIBLE_ID = "visible_id"
    UID = "uid"
    NAME = "name"
    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    ROLE = "role"
    EXTERNAL_ID = "external_id"
    ORGANIZATION = "organization"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    BLOCKED = "blocked"
    STATION_ID = "station_id"
    POOL = "pool"


#: The columns each list may have.
FIELDS: Mapping[ListKind, tuple[Field, ...]] = {
    ListKind.PASSES: (
        *(Field.VISIBLE_ID, Field.UID, Field.NAME, Field.EMAIL),
        *(Field.VALID_FROM, Field.VALID_UNTIL, Field.BLOCKED),
    ),
    ListKind.MEMBERS: (Field.VISIBLE_ID, Field.UID, Field.NAME, Field.EMAIL, Field.VALID_UNTIL),
    ListKind.IDENTITIES: (
        *(Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.ROLE, Field.EXTERNAL_ID, Field.ORGANIZATION),
        *(Field.VALID_FROM, Field.VALID_UNTIL),
    ),
    ListKind.STATIONS: (Field.STATION_ID, Field.NAME, Field.POOL, Field.ORGANIZATION),
}

# As people write them: English, Dutch, German, French, and the words of the systems that lists come from.
_HEADERS: Mapping[Field, str] = {
    Field.VISIBLE_ID: """
        visible id; visible number; visual number; visual id; public card id; public id; printed number;
        card number; card no; card id; contract id; contract number; evco id; emaid; auth id; authid; auth-id;
        zichtbaar id; zichtbare id; zichtbaar nummer; pasnummer; kaartnummer; laadpasnummer; laadpas nummer;
        sichtbare id; sichtbare nummer; kartennummer; karten nr; aufgedruckte nummer; vertragsnummer;
        vertrags id; id visible; numero visible; numéro visible; numéro de carte; n° de carte; numéro imprimé;
        numéro de badge""",
    Field.UID: """
        uid; card uid; rfid; rfid uid; rfid tag; rfid code; rfid number; tag; tag id; tag uid; token; token id;
        token uid; id tag; idtag; chip id; chip uid; chip number; hidden id; invisible id; hidden id (uid);
        serial; hidden number; verborgen id; onzichtbaar id; chipnummer; tagnummer; verborgene id;
        versteckte id; chip-id; chipnummer; id caché; identifiant caché; numéro de puce; uid badge; id puce""",
    Field.NAME: """
        name; pass name; card name; nickname; label; description; alias; naam; pasnaam; naam pas; naam laadpas;
        omschrijving; bezeichnung; kartenname; name der karte; beschreibung; nom; nom de la carte; nom du badge;
        libellé; station name; naam laadpunt; stationsname; nom de la borne""",
    Field.EMAIL: """
        e-mail; email; mail; e-mail address; email address; e-mail address of passholder; email of passholder;
        email address of passholder; user; user email; holder email; passholder; e-mailadres; mailadres;
        e-mailadres pashouder; e-mailadres van pashouder; gebruiker; e-mail-adresse; mailadresse; benutzer;
        e-mail-adresse des karteninhabers; karteninhaber; adresse e-mail; adresse mail; courriel;
        adresse e-mail du titulaire; utilisateur""",
    Field.FIRST_NAME: """
        first name; given name; voornaam; vorname; prénom""",
    Field.LAST_NAME: """
        last name; surname; family name; achternaam; nachname; familienname; nom de famille""",
    Field.ROLE: """
        role; rol; rolle; rôle""",
    Field.EXTERNAL_ID: """
        external id; external reference; customer number; customer id; extern id; klantnummer; personeelsnummer;
        externe id; kundennummer; personalnummer; id externe; numéro client; référence""",
    Field.ORGANIZATION: """
        organization; organisation; company; customer; tenant; organisatie; bedrijf; firma; unternehmen;
        société; entreprise; charger host; host""",
    Field.VALID_FROM: """
        valid from; start date; geldig vanaf; startdatum; gültig ab; gültig von; valable à partir du; début""",
    Field.VALID_UNTIL: """
        valid until; valid to; expires; expiry; expiry date; end date; geldig tot; geldig t/m; einddatum;
        verloopt; gültig bis; ablaufdatum; enddatum; valable jusqu'au; expiration; date d'expiration; fin""",
    Field.BLOCKED: """
        blocked; block; disabled; geblokkeerd; gesperrt; blockiert; bloqué; bloquée""",
    Field.STATION_ID: """
        station id; station; charge point; charge point id; charger; charger id; chargebox; charge box id; cbid;
        evse id; ocpp id; ocpp identity; identity; laadpunt; laadpaal; laadpaal id; ladestation; ladepunkt;
        ladepunkt id; borne; id borne; point de charge""",
    Field.POOL: """
        pool; access pool; access group; group; groep; gruppe; groupe""",
}

LOOK_FOR_HEADER_IN = 30
SAMPLE = 200
MOST_VALUES = 0.6

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_REMARK = re.compile(r"[(\[].*?[)\]]")


def header_key(text: str) -> str:
    """A header as it is compared: letters and digits alone, without accents, case or a remark in brackets."""
    bare = unicodedata.normalize("NFKD", _REMARK.sub(" ", text)).casefold()
    return "".join(character for character in bare if character.isalnum())


_MEANT: Mapping[str, Field] = {
    header_key(name): meant for meant, names in _HEADERS.items() for name in names.split(";")
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, counted from 0, and in which row the headers stand; None: there are none."""

    header_row: int | None
    by_field: Mapping[Field, int] = field(default_factory=dict)

    @property
    def first_row(self) -> int:
        """The first row below the headers."""
        return 0 if self.header_row is None else self.header_row + 1


def meant_by(header: str) -> Field | None:
    """What a header means, in any of the languages; None when nobody knows."""
    return _MEANT.get(header_key(header))


def find_columns(rows: Sequence[Row], kind: ListKind) -> Columns:
    """The columns of a list: by the headers, even below a title, then by what stands in columns nobody named."""
    header_row = _header_row(rows, kind)
    by_field: dict[Field, int] = {}
    if header_row is not None:
        for column, text in enumerate(rows[header_row]):
            meant = meant_by(text)
            if meant in FIELDS[kind] and meant is not None:
                by_field.setdefault(meant, column)
    below = rows[0 if header_row is None else header_row + 1 :][:SAMPLE]
    _look_at_values(below, kind, by_field)
    if header_row is None and by_field and rows and not _is_data(rows[0]) and any(rows[0]):
        header_row = 0  # in words that nobody here knows
    return Columns(header_row, by_field)


def kind_of(rows: Sequence[Row]) -> ListKind:
    """What a sheet is a list of, by its headers; a list of passes where they tell nothing."""
    best = max(ListKind, key=lambda kind: (_recognized(rows, kind), -list(ListKind).index(kind)))
    columns = find_columns(rows, best).by_field
    if best is ListKind.PASSES and Field.FIRST_NAME in columns:
        return ListKind.IDENTITIES
    return best


def _recognized(rows: Sequence[Row], kind: ListKind) -> int:
    return max((_known_headers(row, kind) for row in rows[:LOOK_FOR_HEADER_IN]), default=0)


def _header_row(rows: Sequence[Row], kind: ListKind) -> int | None:
    best, most = None, 0
    for number, row in enumerate(rows[:LOOK_FOR_HEADER_IN]):
        known = _known_headers(row, kind)
        # What is in a list may be called as a column is: a card "Tag", somebody's role "user".
        if known > most and not _is_data(row):
            best, most = number, known
    return best


def _known_headers(row: Row, kind: ListKind) -> int:
    return len({meant for meant in map(meant_by, row) if meant in FIELDS[kind]})


def _look_at_values(rows: Sequence[Row], kind: ListKind, by_field: dict[Field, int]) -> None:
    """Name the columns that nobody named, and let the values say which ID an "Auth ID" is."""
    width = max((len(row) for row in rows), default=0)
    named = by_field.get(Field.VISIBLE_ID)
    if named is not None and Field.UID not in by_field and _mostly(rows, named, _is_uid):
        by_field[Field.UID] = by_field.pop(Field.VISIBLE_ID)
    for wanted, looks_like in _LOOKS_LIKE.items():
        if wanted in by_field or wanted not in FIELDS[kind]:
            continue
        free = (column for column in range(width) if column not in by_field.values())
        found = next((column for column in free if _mostly(rows, column, looks_like)), None)
        if found is not None:
            by_field[wanted] = found


def _is_data(row: Row) -> bool:
    return any(looks_like(text) for text in row for looks_like in _LOOKS_LIKE.values())


def _mostly(rows: Sequence[Row], column: int, looks_like: Callable[[str], bool]) -> bool:
    values = [row[column] for row in rows if column < len(row) and row[column].strip()]
    return bool(values) and sum(map(looks_like, values)) >= MOST_VALUES * len(values)


def _is_uid(text: str) -> bool:
    return classify_uid(canonical_uid(text)) in (UidKind.CARD, UidKind.RANDOM) and visible_id_in(text) is None


_LOOKS_LIKE: Mapping[Field, Callable[[str], bool]] = {
    Field.EMAIL: lambda text: _EMAIL.fullmatch(text.strip()) is not None,
    Field.VISIBLE_ID: lambda text: visible_id_in(text) is not None,
    Field.UID: _is_uid,
}
