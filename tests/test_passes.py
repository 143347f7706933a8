import asyncio
from datetime import timedelta

import pytest

from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import IdentitiesChanged, PassesChanged, PoolsChanged
from app.domain.ids import LookAlike
from app.domain.model import PassState

UID = "04A2246F"
VISIBLE = "NL-TNM-B12345-6"


@pytest.fixture
async def garage(site):
    return await site.pools.create("Garage")


@pytest.fixture
async def van(site):
    return await site.passes.add(PassDraft(uid=UID, name="Van 3"))


@pytest.fixture
async def waiting(site):
    """A pass of which only the printed ID is known."""
    return await site.passes.add(PassDraft(visible_id=VISIBLE))


class TestKeeping:
    async def test_a_pass_is_kept_in_canonical_form_and_told(self, site, told, clock):
        card = await site.passes.add(PassDraft(uid="04:a2:24:6f", visible_id="nl-tnm-b12345-6", name=" Van  3"))
        assert (card.uid, card.name, card.created_at, card.blocked) == (UID, "Van 3", clock.now, False)
        assert card.state(clock.now) is PassState.READY
        assert site.passes.find("04a2246f") == site.passes.require(card.id) == card
        assert told == [PassesChanged((card.id,))]

    async def test_a_pass_a_person_and_a_membership_are_kept_in_one_go(self, site, told, garage):
        told.clear()
        card = await site.passes.add(
            PassDraft(uid=UID), new_identity=IdentityDraft("ann@example.com", "Ann"), pool_id=garage.id
        )
        ann = site.identities.find("ann@example.com")
        assert card.identity_id == ann.id
        assert [(member.pass_id, member.contact) for member in site.members.of_pool(garage.id)] == [(card.id, "Ann")]
        assert told == [IdentitiesChanged(()), PoolsChanged((garage.id,)), PassesChanged((card.id,))]

    @pytest.mark.parametrize(
        ("draft", "options", "code"),
        [
            (PassDraft(), {}, "pass_without_id"),
            (PassDraft(uid=VISIBLE), {}, "uid_looks_like_visible_id"),
            (PassDraft(uid="04A22470", name="n" * 121), {}, "name_too_long"),
            (PassDraft(uid="04a2246f"), {}, "uid_taken"),
            (PassDraft(visible_id="NLTNMB123456"), {}, "visible_id_taken"),
            (PassDraft(uid="04A22470", identity_id=99), {}, "identity_unknown"),
            (PassDraft(uid="04A22470", identity_id=99), {"pool_id": 1}, "identity_unknown"),
            (PassDraft(uid="04A22470"), {"pool_id": 99}, "pool_unknown"),
            (PassDraft(uid="04A22470"), {"new_identity": IdentityDraft("")}, "email_empty"),
            (PassDraft(uid="04A22470"), {"new_identity": IdentityDraft("ANN@example.com")}, "email_taken"),
            (
                PassDraft(uid="04A22470"),
                {"new_identity": IdentityDraft("bob@example.com"), "pool_id": 99},
                "pool_unknown",
            ),
        ],
    )
    async def test_where_one_thing_does_not_fit_nothing_is_kept(
        self, site, garage, van, waiting, told, draft, options, code
    ):
        await site.identities.add(IdentityDraft("ann@example.com"))
        told.clear()
        with pytest.raises(AppError) as refused:
            await site.passes.add(draft, **options)
        assert refused.value.code == code
        assert (site.passes.count(), site.identities.count(), site.members.of_pool(garage.id)) == (2, 1, [])
        assert told == []

    async def test_a_taken_id_names_the_pass_that_has_it(self, site, van, waiting):
        with pytest.raises(AppError) as refused:
            await site.passes.add(PassDraft(uid="04-a2-24-6f"))
        assert refused.value.params == {"value": UID, "title": "Van 3", "pass_id": van.id}
        with pytest.raises(AppError) as refused:
            await site.passes.add(PassDraft(visible_id="nl tnm b12345 6"))
        assert refused.value.params["pass_id"] == waiting.id

    async def test_a_linked_uid_is_taken_too(self, site, van):
        await site.passes.link(van.id, "6F24A204")
        with pytest.raises(AppError, match="uid_taken"):
            await site.passes.add(PassDraft(uid="6f24a204"))


class TestChanging:
    async def test_a_change_can_be_taken_back_and_leaves_the_rest(self, site, van, told, clock):
        await site.passes.block([van.id])
        before = site.passes.require(van.id)
        told.clear()
        day = timedelta(days=1)
        undo = await site.passes.change(
            van.id,
            PassDraft(
                uid="04A22470", visible_id=VISIBLE, name="Van 4", valid_from=clock.now, valid_until=clock.now + day
            ),
        )
        changed = site.passes.require(van.id)
        assert (changed.uid, changed.visible_id, changed.name) == ("04A22470", VISIBLE, "Van 4")
        assert (changed.valid_from, changed.valid_until) == (clock.now, clock.now + day)
        assert (changed.blocked, changed.created_at) == (True, before.created_at)
        assert told == [PassesChanged((van.id,))]
        await undo()
        assert site.passes.require(van.id) == before

    async def test_a_pass_may_keep_its_own_ids(self, site, van):
        await site.passes.change(van.id, PassDraft(uid="04a2246f", name="Van 4"))
        assert site.passes.require(van.id).name == "Van 4"

    async def test_a_pass_may_take_the_uid_that_was_linked_to_it(self, site, van):
        await site.passes.link(van.id, "6F24A204")
        await site.passes.change(van.id, PassDraft(uid="6F24A204"))
        assert site.passes.find("6f24a204").id == van.id
        assert site.passes.find(UID) is None

    @pytest.mark.parametrize(
        ("draft", "code"),
        [
            (PassDraft(uid=UID), "uid_taken"),
            (PassDraft(), "pass_without_id"),
            (PassDraft(uid="04A22470", identity_id=99), "identity_unknown"),
        ],
    )
    async def test_a_change_that_does_not_fit_is_refused(self, site, van, waiting, told, draft, code):
        told.clear()
        with pytest.raises(AppError, match=code):
            await site.passes.change(waiting.id, draft)
        assert site.passes.require(waiting.id) == waiting
        assert told == []

    async def test_what_is_gone_is_told(self, site):
        for action in (
            site.passes.change(9, PassDraft(uid=UID)),
            site.passes.give_uid(9, UID),
            site.passes.link(9, UID),
            site.passes.block([9]),
        ):
            with pytest.raises(AppError, match="pass_unknown"):
                await action

    async def test_passes_are_blocked_together_and_only_those_are_let_go_again(self, site, van, waiting, told):
        await site.passes.block([waiting.id])
        told.clear()
        undo = await site.passes.block([van.id, waiting.id])
        assert told == [PassesChanged((van.id,))]
        await undo()
        assert [site.passes.require(card.id).blocked for card in (van, waiting)] == [False, True]
        await site.passes.block([waiting.id], blocked=False)
        assert not site.passes.require(waiting.id).blocked

    async def test_removed_passes_come_back_with_all_they_had(self, site, garage, van, waiting, told):
        await site.passes.link(van.id, "6F24A204")
        await site.members.add(garage.id, pass_ids=[van.id])
        before = site.passes.all(), site.members.of_pool(garage.id)
        told.clear()
        undo = await site.passes.remove([van.id, waiting.id])
        assert (site.passes.all(), site.members.of_pool(garage.id)) == ([], [])
        assert told == [PassesChanged((van.id, waiting.id)), PoolsChanged(())]
        await undo()
        assert (site.passes.all(), site.members.of_pool(garage.id)) == before
        assert site.passes.find("6f24a204").id == van.id


class TestTwoWindows:
    async def test_taking_back_leaves_what_the_other_changed(self, site, van):
        undo = await site.passes.change(van.id, PassDraft(uid=UID, name="Van 4"))
        await site.passes.change(van.id, PassDraft(uid=UID, visible_id=VISIBLE, name="Van 4"))
        await undo()
        changed = site.passes.require(van.id)
        assert (changed.name, changed.visible_id) == ("Van 3", VISIBLE)

    async def test_what_the_other_changed_again_is_not_taken_back(self, site, van, waiting):
        undo_name = await site.passes.change(van.id, PassDraft(uid=UID, name="Van 4"))
        undo_block = await site.passes.block([van.id, waiting.id])
        await site.passes.change(van.id, PassDraft(uid=UID, name="Van 5"))
        await site.passes.block([van.id], blocked=False)
        for undo in (undo_name, undo_block):
            with pytest.raises(AppError, match="undo_overtaken"):
                await undo()
        assert site.passes.require(van.id).name == "Van 5"
        assert [site.passes.require(card.id).blocked for card in (van, waiting)] == [False, True]

    async def test_one_uid_is_never_that_of_two_passes(self, site, van, waiting):
        """Neither when a removal is taken back, nor a change, nor a link."""
        undo_change = await site.passes.change(van.id, PassDraft(uid="04A22470"))
        await site.passes.give_uid(waiting.id, "04FFFFFF")
        await site.passes.link(waiting.id, UID)
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo_change()
        undo_removal = await site.passes.remove([van.id])
        await site.passes.link(waiting.id, "04A22470")
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo_removal()
        assert site.passes.find(UID).id == site.passes.find("04A22470").id == waiting.id

    async def test_a_link_that_went_with_its_pass_is_not_taken_back(self, site, van):
        undo = await site.passes.link(van.id, "6F24A204")
        await site.passes.remove([van.id])
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()

    async def test_both_capture_the_same_card_and_the_second_is_told(self, site, waiting):
        done = await asyncio.gather(
            site.passes.give_uid(waiting.id, UID), site.passes.give_uid(waiting.id, "04A22470"), return_exceptions=True
        )
        assert done[1].code == "pass_has_uid"
        assert site.passes.require(waiting.id).uid == UID


class TestInAPool:
    async def test_an_unknown_uid_becomes_an_external_pass_of_the_pool_at_once(self, site, garage, told):
        told.clear()
        card = await site.passes.add(PassDraft(uid="04:a2:24:6f"), pool_id=garage.id)
        assert card.identity_id is None
        member = site.members.of_pool(garage.id)[0]
        assert (member.pass_id, member.name, member.contact, member.organization_id) == (card.id, UID, "", None)
        assert told == [PoolsChanged((garage.id,)), PassesChanged((card.id,))]

    async def test_an_auth_id_becomes_one_that_waits_for_its_first_tap(self, site, garage, clock):
        card = await site.passes.add(PassDraft(visible_id=VISIBLE), pool_id=garage.id)
        assert card.state(clock.now) is PassState.WAITING_FOR_FIRST_TAP
        assert [member.visible_id for member in site.members.of_pool(garage.id)] == [VISIBLE]


class TestFirstTap:
    async def test_a_pass_without_uid_waits_for_its_first_tap(self, site, van, waiting, clock):
        assert waiting.state(clock.now) is PassState.WAITING_FOR_FIRST_TAP
        assert [summary.card for summary in site.passes.waiting()] == [waiting]

    async def test_a_reader_gives_it_its_uid(self, site, waiting, told, garage):
        told.clear()
        undo = await site.passes.give_uid(waiting.id, " 04:a2:24:6f\x00", pool_id=garage.id)
        assert site.passes.find(UID).id == waiting.id
        assert [member.pass_id for member in site.members.of_pool(garage.id)] == [waiting.id]
        assert told == [PoolsChanged((garage.id,)), PassesChanged((waiting.id,))]
        await undo()
        assert site.passes.require(waiting.id) == waiting
        assert site.members.of_pool(garage.id) == []

    async def test_taking_that_back_ends_no_membership_it_had_before(self, site, waiting, garage):
        await site.members.add(garage.id, pass_ids=[waiting.id])
        undo = await site.passes.give_uid(waiting.id, UID, pool_id=garage.id)
        await undo()
        assert len(site.members.of_pool(garage.id)) == 1

    async def test_taking_that_back_leaves_what_was_changed_since(self, site, waiting):
        undo = await site.passes.give_uid(waiting.id, UID)
        await site.passes.change(waiting.id, PassDraft(uid=UID, visible_id=VISIBLE, name="Van 4"))
        await undo()
        changed = site.passes.require(waiting.id)
        assert (changed.uid, changed.name) == (None, "Van 4")

    @pytest.mark.parametrize(
        ("raw", "options", "code"),
        [
            (UID, {}, "uid_taken"),
            ("", {}, "uid_empty"),
            ("\x00 ", {}, "uid_empty"),
            ("04A22470", {"pool_id": 9}, "pool_unknown"),
        ],
    )
    async def test_a_uid_that_does_not_fit_is_refused(self, site, van, waiting, told, raw, options, code):
        told.clear()
        with pytest.raises(AppError, match=code):
            await site.passes.give_uid(waiting.id, raw, **options)
        assert site.passes.require(waiting.id).uid is None
        assert told == []

    async def test_a_pass_that_has_a_uid_keeps_it(self, site, van):
        with pytest.raises(AppError, match="pass_has_uid") as refused:
            await site.passes.give_uid(van.id, "04A22470")
        assert refused.value.params == {"title": "Van 3", "uid": UID}


class TestLinking:
    async def test_a_linked_uid_is_the_same_pass(self, site, van, told):
        told.clear()
        undo = await site.passes.link(van.id, "6f:24:a2:04")
        assert site.passes.find("6F24A204") == van
        assert told == [PassesChanged((van.id,))]
        await undo()
        assert site.passes.find("6F24A204") is None

    @pytest.mark.parametrize(("raw", "code"), [(UID, "uid_taken"), ("", "uid_empty")])
    async def test_a_uid_that_does_not_fit_is_refused(self, site, van, waiting, raw, code):
        with pytest.raises(AppError, match=code):
            await site.passes.link(waiting.id, raw)

    async def test_a_uid_is_linked_once(self, site, van, waiting):
        await site.passes.link(van.id, "6F24A204")
        for card in (van, waiting):
            with pytest.raises(AppError, match="uid_taken") as refused:
                await site.passes.link(card.id, "6f24a204")
            assert refused.value.params["pass_id"] == van.id


class TestSuggesting:
    @pytest.mark.parametrize(
        ("seen", "why"),
        [
            ("6F24A204", LookAlike.BYTES_REVERSED),
            (str(int(UID, 16)), LookAlike.DECIMAL),
            ("000004A2246F", LookAlike.ZERO_PADDED),
            (f"{UID}_SN123", LookAlike.SUFFIXED),
        ],
    )
    async def test_what_resembles_an_unknown_card_is_offered_and_not_applied(self, site, van, seen, why):
        await site.passes.add(PassDraft(uid="04FFFFFFFFFF80"))
        assert [(each.card, each.uid, each.likeness) for each in site.passes.suggestions(seen.lower())] == [
            (van, UID, why)
        ]
        assert site.passes.find(seen) is None

    async def test_a_pass_is_not_like_itself(self, site, van):
        assert site.passes.suggestions(UID) == []

    async def test_nothing_resembles_nothing(self, site, van, waiting):
        assert site.passes.suggestions("") == []
        assert site.passes.suggestions("\ud800" * 50) == []

    async def test_a_handful_is_offered_at_most(self, site):
        for number in range(8):
            await site.passes.add(PassDraft(uid=f"{UID}_SN{number}"))
        assert len(site.passes.suggestions(UID)) == 5


class TestListing:
    async def test_passes_are_listed_newest_first_with_who_and_where(self, site, garage, waiting):
        office = await site.pools.create("Office")
        ann = await site.identities.add(IdentityDraft("ann@example.com", "Ann", "Bo"))
        hers = await site.passes.add(PassDraft(uid=UID, identity_id=ann.id))
        await site.members.add(garage.id, identity_ids=[ann.id], pass_ids=[hers.id])
        await site.members.add(office.id, identity_ids=[ann.id])
        listed = site.passes.all()
        assert [(each.card, each.holder, each.email, sorted(each.pools.split(", "))) for each in listed] == [
            (hers, "Ann Bo", "ann@example.com", ["Garage", "Office"]),
            (waiting, "", "", [""]),
        ]
        assert site.passes.of_identity(ann.id) == listed[:1]
        assert site.passes.count() == 2

    async def test_how_stations_spelled_a_pass_is_told_latest_first(self, site, van, clock):
        await site.store.write(
            lambda connection: connection.exec_driver_sql(
                "insert into seen_forms values (?, ?, ?, ?, ?)",
                [(van.id, "CP-1", "04a2246f", 0, 1000), (van.id, "CP-2", "04:A2:24:6F", 0, 2000)],
            )
        )
        assert [(form.station_id, form.raw_id_tag) for form in site.passes.seen_forms(van.id)] == [
            ("CP-2", "04:A2:24:6F"),
            ("CP-1", "04a2246f"),
        ]


class TestSearching:
    def found(self, site, text):
        return [summary.card.title for summary in site.passes.search(text, limit=10)]

    @pytest.mark.parametrize(
        ("text", "titles"),
        [
            ("van", ["Van 3"]),
            ("vÄN", ["Ön vän"]),
            ("04:a2", ["Van 3"]),
            ("246f", ["Van 3"]),
            ("tnm b123", [VISIBLE]),
            ("NLTNMB", [VISIBLE]),
            ("6f24a204", ["Van 3"]),
            ("%", []),
            ("_", []),
            ("*", []),
            ("", []),
            (" ", []),
            ("x" * 70_000, []),
            ("\x00", []),
            ("\ud800", []),
        ],
    )
    async def test_either_id_or_the_name_is_found_however_it_is_written(self, site, van, waiting, text, titles):
        await site.passes.add(PassDraft(uid="04FFFFFFFFFF80", name="Ön vän"))
        await site.passes.link(van.id, "6F24A204")
        assert self.found(site, text) == titles
