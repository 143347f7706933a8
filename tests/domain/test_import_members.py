"""A list of a pool's members: cards by one of their IDs, people by their e-mail address."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import Uid, VisibleId
from app.domain.import_fields import Columns, Field
from app.domain.import_members import Entry, ExistingMembers, plan_members
from app.domain.import_passes import Card, ExistingPasses
from app.domain.import_plan import Choices, Verdict

COLUMNS = Columns(0, {Field.VISIBLE_ID: 0, Field.UID: 1, Field.EMAIL: 2, Field.VALID_UNTIL: 3})
HEADERS = ["Visible ID", "UID", "E-mail", "Valid until"]
ANNA, JAN = "anna@hotel.example", "jan@hotel.example"
FOB = Card(Uid("04A2B3C4D5E680"), VisibleId("NL-TNM-012204-5"), "Fob", ANNA, id=1)
VAN = Card(Uid("04B7722E"), None, "Van", JAN, id=2)
PASSES = ExistingPasses((FOB, VAN), {Uid("80E6D5C4B3A204"): 1}, frozenset({ANNA, JAN}))
NOBODY = ExistingMembers(PASSES, {}, {})
FOB_AND_JAN = ExistingMembers(PASSES, {1: None}, {JAN: None})


def planned(*rows, existing=NOBODY, **choices):
    return plan_members([HEADERS, *rows], COLUMNS, existing, Choices(**choices))


def only(*row, existing=NOBODY, **choices):
    (found,) = planned(list(row), existing=existing, **choices).rows
    return found


def codes(row):
    return [problem.code for problem in row.problems]


def test_a_pass_that_is_known_becomes_a_member_by_either_of_its_ids():
    for row in (("NLTNM0122045", ""), ("", "04:a2:b3:c4:d5:e6:80")):
        found = only(*row)
        assert (found.verdict, found.after.pass_id) == (Verdict.NEW, FOB.id)


def test_a_linked_uid_means_the_pass_it_was_linked_to():
    assert only("", "80E6D5C4B3A204").after.pass_id == FOB.id
    assert only("", "80E6D5C4B3A204", existing=FOB_AND_JAN).verdict is Verdict.SAME


def test_a_card_that_nobody_knows_is_a_pass_to_be_made():
    found = only("", "04FFFFFF")
    assert (found.verdict, found.after.pass_id, found.after.uid) == (Verdict.NEW, None, "04FFFFFF")


def test_an_address_alone_is_the_person_in_whatever_case():
    found = only("", "", ANNA.upper())
    assert (found.verdict, found.after.is_pass, found.after.email) == (Verdict.NEW, False, ANNA)
    assert only("", "", JAN.upper(), existing=FOB_AND_JAN).verdict is Verdict.SAME


def test_a_person_that_nobody_knows_is_an_error_or_made():
    assert codes(only("", "", "sara@visitor.example")) == ["email_unknown"]
    plan = planned(["", "", "sara@visitor.example"], create_identities=True)
    assert (plan.rows[0].verdict, plan.new_emails) == (Verdict.NEW, ("sara@visitor.example",))


def test_the_holder_of_a_pass_that_is_known_is_not_asked_for():
    found = only("", VAN.uid, "someone@else.example")
    assert (found.verdict, found.problems, found.after.email) == (Verdict.NEW, (), JAN)


def test_another_last_day_is_a_change_and_an_empty_cell_is_not():
    assert only("", FOB.uid, "", "", existing=FOB_AND_JAN).verdict is Verdict.SAME
    found = only("", FOB.uid, "", "2027-12-31", existing=FOB_AND_JAN)
    assert (found.verdict, found.after.valid_until) == (Verdict.CHANGE, date(2027, 12, 31))


def test_one_pass_named_twice_is_an_error_that_names_the_first_row():
    rows = planned(["NL-TNM-012204-5", ""], ["", FOB.uid]).rows
    assert [row.verdict for row in rows] == [Verdict.NEW, Verdict.ERROR]
    assert [(problem.code, problem.other) for problem in rows[1].problems] == [("duplicate_in_list", "2")]


def test_the_ids_of_two_passes_in_one_row_are_an_error():
    assert codes(only("NL-TNM-012204-5", VAN.uid)) == ["ids_of_two_passes"]


def test_a_row_that_names_nobody_is_an_error():
    assert codes(only("", "", "", "2027-12-31")) == ["row_without_member"]


def test_a_complete_list_takes_out_whoever_is_not_in_it_and_keeps_the_passes():
    plan = planned(["", FOB.uid], existing=FOB_AND_JAN, complete_list=True)
    assert plan.removed == (Entry(None, None, "", JAN),)


ids = st.sampled_from(["04A2B3C4D5E680", "80E6D5C4B3A204", "04b7722e", "04FFFFFF", "4.7E+11", ""])
lists = st.lists(st.tuples(st.just(""), ids, st.sampled_from([ANNA, JAN.upper(), "new@hotel.example", ""])), max_size=6)
pools = st.builds(
    lambda passes, people: ExistingMembers(PASSES, dict.fromkeys(passes), dict.fromkeys(people)),
    st.sets(st.sampled_from([1, 2])),
    st.sets(st.sampled_from([ANNA, JAN])),
)


def carried_out(existing, plan):
    """What there is after a plan, told a second time: sets of passes and of addresses."""
    cards = list(existing.passes.cards)
    passes = {each for each in existing.pass_members if each not in {entry.pass_id for entry in plan.removed}}
    people = {
        each
        for each in existing.email_members
        if each not in {entry.email for entry in plan.removed if not entry.is_pass}
    }
    for row in plan.rows:
        if not row.is_carried_out:
            continue
        if not row.after.is_pass:
            people.add(row.after.email)
        elif row.after.pass_id is None:
            cards.append(Card(row.after.uid, row.after.visible_id, row.after.name, row.after.email, id=len(cards) + 1))
            passes.add(len(cards))
        else:
            passes.add(row.after.pass_id)
    emails = existing.passes.emails | frozenset(plan.new_emails)
    return ExistingMembers(
        replace(existing.passes, cards=tuple(cards), emails=emails), dict.fromkeys(passes), dict.fromkeys(people)
    )


@given(lists, pools, st.builds(Choices, st.booleans(), st.booleans()))
def test_planned_again_after_it_was_carried_out_every_good_row_is_the_same(rows, existing, choices):
    first = plan_members([HEADERS, *rows], COLUMNS, existing, choices)
    again = plan_members([HEADERS, *rows], COLUMNS, carried_out(existing, first), choices)
    for before, after in zip(first.rows, again.rows, strict=True):
        assert before.verdict is Verdict.ERROR or after.verdict is Verdict.SAME
    assert again.removed == ()
