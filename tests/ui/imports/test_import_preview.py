"""Sorting a plan for the screen, and letting go of it."""

import weakref

import pytest

import ui.imports.table as import_table
from app.application import ImportJob, PlannedImport, Sheet
from app.domain.import_cells import Problem
from app.domain.import_fields import Columns, Field, ListKind
from app.domain.import_plan import ImportPlan, PlannedRow, Verdict
from ui.imports.preview import FORGOTTEN_AT_ONCE, Which, forget, offers_of, preview_of
from ui.imports.table import letters


class Record:
    """What a row is about."""

    def __init__(self, uid=None, visible_id=None):
        self.uid, self.visible_id = uid, visible_id


SHORT = Problem("uid_too_short", Field.UID, value="123", offered="00000123")
DOUBT = Problem("day_or_month_first", Field.VALID_UNTIL, is_error=False, offered="2027-03-04")


def planned(*rows, removed=()):
    columns = Columns(0, {Field.VISIBLE_ID: 0, Field.UID: 1})
    job = ImportJob(ListKind.PASSES, Sheet("", [["Visible ID", "UID"], *[["", ""]] * len(rows)]), columns)
    return PlannedImport(job, ImportPlan(tuple(rows), tuple(removed)), None)


def test_a_row_to_check_is_new_or_changed_as_well():
    preview = preview_of(
        planned(
            PlannedRow(2, Verdict.CHECK, (DOUBT,), None, Record("04A1")),
            PlannedRow(3, Verdict.CHECK, (DOUBT,), Record("04A1"), Record("04A2")),
            PlannedRow(4, Verdict.CHANGE, (), Record("04A1"), Record("04A2")),
            PlannedRow(5, Verdict.SAME, (), Record("04A1"), Record("04A1")),
        )
    )
    counts = {which: preview.count(which) for which in Which}
    assert counts == {
        Which.ALL: 4,
        Which.NEW: 1,
        Which.CHANGED: 2,
        Which.SAME: 1,
        Which.ERRORS: 0,
        Which.CHECK: 2,
        Which.REMOVED: 0,
    }
    assert preview.carried_out == 3


def test_what_would_be_removed_stands_in_order_below_every_row_number():
    rows = preview_of(planned(removed=[Record("04A1"), Record("04A2")])).rows[Which.REMOVED]
    assert [row.number for row in rows] == [-2, -1]
    assert rows[0].shown(Field.UID) == ("04A1", "")


def test_offers_are_counted_where_there_are_several_and_know_their_cells():
    rows = [PlannedRow(number, Verdict.ERROR, (SHORT,), None, Record()) for number in (2, 3)]
    preview = preview_of(planned(*rows, PlannedRow(4, Verdict.CHECK, (DOUBT,), None, Record("04A1"))))
    assert preview.alike == {"uid_too_short": 2}
    assert offers_of(preview, "uid_too_short") == {(1, 1): "00000123", (2, 1): "00000123"}
    # No column holds it.
    assert offers_of(preview, "day_or_month_first") == {}


def test_passes_that_would_still_have_no_uid_are_counted():
    rows = [PlannedRow(2, Verdict.NEW, (), None, Record(visible_id="NL-1")), PlannedRow(3, Verdict.ERROR, (SHORT,))]
    assert preview_of(planned(*rows)).without_uid == 1


def test_a_plan_that_nobody_looks_at_is_let_go_of_to_the_last_row():
    records = [Record() for _ in range(FORGOTTEN_AT_ONCE + 1)]
    alive = [weakref.ref(record) for record in records]
    held = [preview_of(planned(*(PlannedRow(at + 2, Verdict.NEW, (), None, each) for at, each in enumerate(records))))]
    del records
    forget(held)
    assert held == []
    assert not any(record() for record in alive)


@pytest.mark.parametrize(("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_without_a_header_have_their_letters(place, name):
    assert letters(place) == name


async def test_of_a_long_list_only_what_is_in_sight_is_put_into_words(review_of, written, monkeypatch, until):
    said = []
    monkeypatch.setattr(import_table, "reason", lambda problem: said.append(problem) or problem.code)
    rows = [[f"NL-XYZ-C{number:08}", "", "", "nobody"] for number in range(3_000)]
    review = await review_of(written("long.csv", rows))
    review.chips.segment(Which.ERRORS).click()
    review.table.viewport().repaint()
    assert review.table.model().rowCount() == 3_000
    assert 0 < len(said) < 300


async def test_the_place_in_a_list_is_kept_when_it_is_compared_again(review_of, written, until):
    rows = [[f"NL-XYZ-C{number:08}", "", "", "anna@delinde.example"] for number in range(500)]
    review = await review_of(written("long.csv", rows))
    review.table.select_key(400)
    scrolled = review.table.verticalScrollBar().value()
    review.correct({(399, 2): "Pool car"})
    await until(lambda: review.is_compared)
    assert [row.number for row in review.table.selected_rows()] == [400]
    assert review.table.verticalScrollBar().value() == scrolled > 0
