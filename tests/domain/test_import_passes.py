import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.ids import Uid, VisibleId, canonical_visible_id
from app.domain.import_fields import Columns, Field
from app.domain.import_passes import Card, ExistingPasses, plan_passes
from app.domain.import_plan import Choices, Verdict
from app.domain.sheets import CellKind

COLUMNS = Columns(0, {Field.VISIBLE_ID: 0, Field.UID: 1, Field.NAME: 2, Field.EMAIL: 3})
HEADERS = ["Visible ID", "UID", "Pass name", "E-mail"]
ANNA, JAN = "anna@hotel.example", "jan@hotel.example"
FOB = Card(Uid("04A2B3C4D5E680"), VisibleId("NL-TNM-012204-5"), "Fob", ANNA, id=1)
WAITING = Card(None, VisibleId("NL-TNM-C00122045-K"), "Night shift", JAN, id=2)
HOTEL = ExistingPasses((FOB, WAITING), emails=frozenset({ANNA, JAN}))


def planned(*rows, existing=HOTEL, **choices):
    return plan_passes([HEADERS, *rows], COLUMNS, existing, Choices(**choices))


def only(*row, existing=HOTEL, kinds=None, **choices):
    (row,) = plan_passes([HEADERS, row], COLUMNS, existing, Choices(**choices), kinds).rows
    return row


def codes(row):
    return [problem.code for problem in row.problems]


class TestVerdicts:
    def test_an_unknown_card_is_new(self):
        row = only("", "04b7722e9f1d80", "Van 12", ANNA)
        assert (row.number, row.verdict) == (2, Verdict.NEW)
        assert row.after == Card(Uid("04B7722E9F1D80"), None, "Van 12", ANNA)

    def test_what_is_there_already_is_the_same_however_it_is_written(self):
        row = only("nltnm0122045", "04:a2:b3:c4:d5:e6:80", "", ANNA.upper())
        assert (row.verdict, row.before) == (Verdict.SAME, FOB)

    def test_a_uid_for_a_pass_that_waits_for_one_is_a_change(self):
        row = only("NL-TNM-C00122045-K", "04B7722E9F1D80", "", JAN)
        assert (row.verdict, row.before, row.after) == (
            Verdict.CHANGE,
            WAITING,
            WAITING._replace(uid=Uid("04B7722E9F1D80")),
        )

    def test_an_empty_cell_takes_nothing_away(self):
        assert only("", FOB.uid, "", ANNA).after == FOB

    def test_a_card_that_belongs_to_somebody_else_is_to_be_looked_at(self):
        row = only(FOB.visible_id, FOB.uid, "", JAN)
        assert (row.verdict, codes(row), row.after.email) == (Verdict.CHECK, ["belongs_to_other"], JAN)

    def test_another_uid_for_a_known_visible_id_is_to_be_looked_at(self):
        assert codes(only(FOB.visible_id, "04B7722E9F1D80", "", ANNA)) == ["uid_replaced"]

    def test_a_linked_uid_stays_a_link(self):
        linked = ExistingPasses((FOB,), {Uid("80E6D5C4B3A204"): 1}, frozenset({ANNA}))
        assert only("", "80E6D5C4B3A204", "", ANNA, existing=linked).verdict is Verdict.SAME

    def test_the_ids_of_two_passes_in_one_row_are_an_error(self):
        row = only(WAITING.visible_id, FOB.uid, "", ANNA)
        assert (row.verdict, codes(row)) == (Verdict.ERROR, ["ids_of_two_passes"])

    def test_a_wrong_check_digit_is_to_be_looked_at(self):
        assert codes(only("NL-TNM-012204-4", "", "", ANNA)) == ["check_digit_wrong"]

    def test_empty_rows_are_no_rows(self):
        assert planned(["", "", "", ""], [], [" "]).rows == ()


class TestErrors:
    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (["", "", "Only a name", ANNA], "row_without_id"),
            (["", "04B7722E9F1D80", "", ""], "email_missing"),
            (["", "04B7722E9F1D80", "", "anna"], "email_not_an_address"),
            (["", "04B7722E9F1D80", "", "sara@visitor.example"], "email_unknown"),
            (["", "NL-TNM-C00122045-K", "", ANNA], "uid_looks_like_visible_id"),
            (["04B7722E9F1D80", "", "", ANNA], "visible_id_looks_like_uid"),
            (["", "4.71E+13", "", ANNA], "uid_became_number"),
            (["", "4711E+5", "", ANNA], "uid_became_number"),
            (["", "1.234.567.890", "", ANNA], "uid_has_separators"),
            (["", "4A2B3C", "", ANNA], "uid_too_short"),
            (["", "04B7722E9F1D80", "n" * 121, ANNA], "name_too_long"),
        ],
    )
    def test_what_cannot_be_kept_is_named(self, row, code):
        assert (only(*row).verdict, codes(only(*row))) == (Verdict.ERROR, [code])

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            (CellKind.DATE, "uid_became_date"),
            (CellKind.FAULT, "cell_fault"),
        ],
    )
    def test_a_cell_that_a_spreadsheet_took_for_something_else_is_no_uid(self, kind, code):
        assert codes(only("", "04B7722E", "", ANNA, kinds={(1, 1): kind})) == [code]

    def test_a_uid_with_an_e_in_it_is_a_uid(self):
        assert only("", "04E12345", "", ANNA).verdict is Verdict.NEW

    def test_zeros_are_offered_when_all_others_have_the_same_length_and_never_put_in(self):
        plan = planned(["", "04B7722E", "", ANNA], ["", "4B7722F", "", ANNA])
        assert [row.verdict for row in plan.rows] == [Verdict.NEW, Verdict.ERROR]
        assert plan.rows[1].problems[0].offered == "04B7722F"

    def test_zeros_are_not_offered_when_lengths_differ(self):
        plan = planned(["", "04B7722E", "", ANNA], ["", "04B7722E9F1D80", "", ANNA], ["", "4B7722F", "", ANNA])
        assert plan.rows[2].problems[0].offered == ""

    def test_the_second_of_two_equal_cards_is_an_error_that_names_the_first(self):
        plan = planned(["", "04B7722E", "", ANNA], ["", "04:b7:72:2e", "", JAN])
        assert [row.verdict for row in plan.rows] == [Verdict.NEW, Verdict.ERROR]
        assert (plan.rows[1].problems[0].code, plan.rows[1].problems[0].other) == ("duplicate_in_list", "2")


class TestChoices:
    def test_identities_are_made_when_the_operator_says_so_each_once(self):
        rows = (["", "04B7722E", "", "new@hotel.example"], ["", "04B7722F", "", "New@hotel.example"])
        plan = planned(*rows, create_identities=True)
        assert [row.verdict for row in plan.rows] == [Verdict.NEW, Verdict.NEW]
        assert plan.new_emails == ("new@hotel.example",)

    def test_a_list_of_uids_alone_is_a_list_too(self):
        assert only("", "04B7722E", "", "", email_required=False).verdict is Verdict.NEW

    def test_a_complete_list_removes_what_is_not_in_it(self):
        assert planned([FOB.visible_id, "", "", ANNA], complete_list=True).removed == (WAITING,)

    def test_a_row_with_an_error_does_not_cost_the_pass_it_names(self):
        plan = planned([FOB.visible_id, "", "", "sara@visitor.example"], complete_list=True)
        assert (plan.rows[0].verdict, plan.removed) == (Verdict.ERROR, (WAITING,))

    def test_nothing_is_removed_by_a_list_that_is_not_complete(self):
        assert planned([FOB.visible_id, "", "", ANNA]).removed == ()


def carried_out(existing, plan):
    """What there is after a plan: told a second time, as dictionaries by key."""
    gone = {card.id for card in plan.removed}
    cards = {card.id: card for card in existing.cards if card.id not in gone}
    new = iter(range(1000, 10_000))
    for row in plan.rows:
        if row.verdict in (Verdict.NEW, Verdict.CHANGE, Verdict.CHECK):
            number = row.after.id if row.before else next(new)
            cards[number] = row.after._replace(id=number)
    return ExistingPasses(tuple(cards.values()), existing.linked, existing.emails | frozenset(plan.new_emails))


uids = st.sampled_from(["04A2B3C4D5E680", "04B7722E", "4B7722E", "04b7722f", "12E45678", "4.7E+11", "hello", ""])
visible = st.sampled_from(["NL-TNM-012204-5", "nltnm0122045", "NL-TNM-C00122045-K", "NL-TNM-012204-4", "04B7722E", ""])
emails = st.sampled_from([ANNA, JAN, ANNA.upper(), "new@hotel.example", "none", ""])
lists = st.lists(st.tuples(visible, uids, st.sampled_from(["", "Fob", "Van"]), emails), max_size=8)
existing_sites = st.lists(
    st.tuples(
        st.sampled_from([None, "04A2B3C4D5E680", "04B7722E", "04B7722F"]),
        st.sampled_from([None, "NL-TNM-012204-5", "NL-TNM-C00122045-K"]),
        st.sampled_from(["", "Fob"]),
        st.sampled_from(["", ANNA, JAN]),
    ).filter(lambda card: card[0] or card[1]),
    max_size=4,
    unique_by=(lambda card: card[0] or object(), lambda card: card[1] or object()),
).map(
    lambda cards: ExistingPasses(
        tuple(Card(*card, id=number) for number, card in enumerate(cards, 1)), emails=frozenset({ANNA, JAN})
    )
)
choices = st.builds(Choices, st.booleans(), st.booleans(), st.booleans())


@given(lists, existing_sites, choices)
@settings(max_examples=400)
def test_planned_again_after_it_was_carried_out_every_good_row_is_the_same(rows, existing, chosen):
    first = plan_passes([HEADERS, *rows], COLUMNS, existing, chosen)
    again = plan_passes([HEADERS, *rows], COLUMNS, carried_out(existing, first), chosen)
    for before, after in zip(first.rows, again.rows, strict=True):
        # A row that was left out may find its place free now.
        assert before.verdict is Verdict.ERROR or after.verdict is Verdict.SAME
    assert again.removed == ()


@given(lists, existing_sites)
def test_a_complete_list_leaves_exactly_what_is_in_it(rows, existing):
    plan = plan_passes([HEADERS, *rows], COLUMNS, existing, Choices(complete_list=True, email_required=False))
    named = {cell for row in rows for cell in (row[1].upper(), canonical_visible_id(row[0])) if cell}
    for card in existing.cards:
        is_named = card.uid in named or (card.visible_id and canonical_visible_id(card.visible_id) in named)
        assert (card not in plan.removed) == bool(is_named)


@given(st.lists(st.lists(st.text(max_size=30), max_size=5), max_size=6))
def test_whatever_the_cells_hold_every_row_gets_a_verdict(rows):
    plan = plan_passes([HEADERS, *rows], COLUMNS, HOTEL)
    assert len(plan.rows) == sum(any(cell.strip() for cell in row) for row in rows)
    assert sum(plan.counts().values()) == len(plan.rows)
