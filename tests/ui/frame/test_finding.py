from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from app.database import schema
from app.demo import furnish
from app.domain.drafts import IdentityDraft, PassDraft
from ui.frame.finding import find


@pytest.fixture
async def hotel(application, desk):
    await furnish(application)
    return desk


@pytest.fixture
def gone(desk):
    places = []
    desk.going.connect(lambda page, key: places.append((page, key)))
    return places


def found(desk, text):
    return [(hit.kind, hit.title) for hit in find(desk, text)]


def titles(desk, text, kind):
    return [hit.title for hit in find(desk, text) if hit.kind == kind]


async def test_without_a_text_the_pages_are_offered_and_what_can_be_done_from_anywhere(hotel):
    hits = find(hotel, "  ")
    assert list(dict.fromkeys(hit.kind for hit in hits)) == ["Pages", "Do"]
    assert [hit.title for hit in hits][:2] == ["Overview", "Live log"]


@pytest.mark.parametrize(
    ("text", "kind", "title", "place"),
    [
        ("garage 2", "Stations", "Garage 2", "stations"),
        ("alf-0021", "Stations", "Garage 2", "stations"),
        ("anna@", "Identities", "Anna de Vries", "identities"),
        ("vries", "Identities", "Anna de Vries", "identities"),
        ("guest card 3", "Passes", "Guest card 3", "passes"),
        ("dc fast", "Pools", "DC fast", "pools"),
        ("backup", "Pages", "Settings", "settings"),
        ("whitelist", "Pages", "Pools", "pools"),
        ("sess", "Pages", "Sessions", "sessions"),
    ],
)
async def test_everything_is_found_by_what_people_call_it(hotel, gone, text, kind, title, place):
    best = find(hotel, text)[0]
    assert (best.kind, best.title) == (kind, title)
    best.activate()
    assert gone[0][0] == place


async def test_what_is_chosen_is_selected_on_its_page(hotel, gone):
    card = hotel.application.passes.find("047C11AA902B80")
    pool = hotel.application.pools.find("Guests")
    anna = hotel.application.identities.find("anna@delinde.example")
    for text in ("Guest card 1", "Guests", "Anna de Vries", "Garage 2", "Live log"):
        find(hotel, text)[0].activate()
    assert gone == [
        ("passes", card.id),
        ("pools", pool.id),
        ("identities", anna.id),
        ("stations", "ALF-0021"),
        ("log", None),
    ]


@pytest.mark.parametrize("written", ["047C11AA902B80", "047c11aa90", "04:7c:11:aa", "04 7C 11 AA 90 2B 80", "11aa902b"])
async def test_a_uid_is_found_in_any_writing(hotel, written):
    assert find(hotel, written)[0].title == "Guest card 1"


@pytest.mark.parametrize("written", ["NL-TNM-012204-5", "nltnm012204", "NL*TNM*012204*5", "012204"])
async def test_a_visible_id_is_found_in_any_writing(hotel, written):
    assert find(hotel, written)[0].title == "Guest card 1"


async def test_a_card_that_another_reader_writes_otherwise_is_offered_with_how(hotel):
    hits = find(hotel, "C2F3019A")
    assert [hit.title for hit in hits] == ["Sara's card"]
    assert "with its bytes reversed" in hits[0].subtitle


async def test_a_linked_uid_finds_its_pass(hotel):
    card = hotel.application.passes.find("9A01F3C2")
    await hotel.application.passes.link(card.id, "DEADBEEF01")
    assert titles(hotel, "de:ad:be:ef:01", "Passes") == ["Sara's card"]


async def test_what_begins_with_the_text_comes_before_what_holds_it(application, desk):
    for name in ("The blue van", "Vanguard", "Advantage", "Van 12"):
        await application.passes.add(PassDraft(visible_id=f"X-{name}", name=name))
    assert titles(desk, "van", "Passes") == ["Van 12", "Vanguard", "The blue van", "Advantage"]


async def test_the_kind_with_the_best_match_stands_first(application, desk):
    await application.pools.create("Old garage")
    await application.stations.accept("GAR-1", name="Garage north")
    await application.passes.add(PassDraft(visible_id="X-1", name="The garage key"))
    assert [kind for kind, _ in found(desk, "garage")] == ["Stations", "Passes", "Pools"]


async def test_words_may_be_left_out_between(hotel):
    assert titles(hotel, "anna vries", "Identities") == ["Anna de Vries"]


async def test_letters_of_every_alphabet_are_found_in_either_case(application, desk):
    await application.identities.add(IdentityDraft("oezlem@example.org", "Özlem", "Şahin"))
    await application.identities.add(IdentityDraft("azlem@example.org", "Azlem", "Groß"))
    await application.passes.add(PassDraft(visible_id="X-1", name="Карта Жанны"))
    for text in ("özlem", "ÖZLEM", "şahin", "ö"):
        assert titles(desk, text, "Identities") == ["Özlem Şahin"]
    assert titles(desk, "groß", "Identities") == ["Azlem Groß"]
    assert titles(desk, "жанны", "Passes") == ["Карта Жанны"]


@pytest.mark.parametrize("text", ["%", "*", "?", "[", "]", "[a-z]", "^", "\\", "100%", '"', "💳", "x" * 100_000])
async def test_odd_characters_find_only_what_holds_them(hotel, text):
    assert found(hotel, text) == []
    await hotel.application.passes.add(PassDraft(visible_id="X-1", name=text[:100]))
    assert titles(hotel, text[:100], "Passes") == [text[:100]]


@pytest.mark.parametrize("text", ["-", ":", " - "])
async def test_separators_alone_are_no_part_of_an_id(hotel, text):
    assert titles(hotel, text, "Passes") == []


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\x00\ud800"])
async def test_what_cannot_be_printed_is_not_searched(hotel, text):
    assert found(hotel, text) == found(hotel, "")
    assert find(hotel, f"gar{text}age 2")[0].title == "Garage 2"


async def test_a_stranger_that_wants_to_join_is_found_and_named_so(application, desk):
    from app.stations import Boot

    await application.stations.booted("EVB-P2118", Boot("EVBox", "Elvi", "2118-0071", "3.6.1", "192.168.1.44"))
    for text in ("evb", "2118-0071", "192.168.1.44"):
        [hit] = [hit for hit in find(desk, text) if hit.kind == "Stations"]
        assert hit.subtitle == "wants to join"


async def test_ten_thousand_passes_are_searched_within_a_frame_or_so(application, desk):
    now = datetime.now(UTC)

    def write(connection):
        connection.execute(
            insert(schema.identities),
            [
                {
                    "id": number,
                    "first_name": f"Name{number}",
                    "last_name": "Surname",
                    "email": f"n{number}@example.org",
                    "role": "cardholder",
                    "organization_id": schema.FIRST_ORGANIZATION,
                    "created_at": now,
                }
                for number in range(1, 10_001)
            ],
        )
        connection.execute(
            insert(schema.passes),
            [
                {
                    "uid": f"04{number * 7919:010X}80",
                    "visible_id": f"NL-TST-{number:06}-1",
                    "visible_key": f"NLTST{number:06}1",
                    "name": f"Card {number}",
                    "identity_id": number,
                    "created_at": now,
                }
                for number in range(1, 10_001)
            ],
        )

    await application.store.write(write)
    for text in ("card 77", "0", "04", "surname name123", "zebra"):
        hits = find(desk, text)
        assert all(sum(hit.kind == kind for hit in hits) <= 8 for kind in ("Passes", "Identities"))
