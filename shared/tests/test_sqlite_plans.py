"""What the store's cost must not grow with: SQLite's own plans for its statements, and listings over many rows."""

import sqlite3
from contextlib import closing

import pytest

from claims_shared.ports import Row, Shape
from claims_shared.sqlite import RARE, SqliteStore
from claims_shared.sqlite_table import Table, bounded, equal, marks

SHAPE = Shape("claims", {"phase": "text", "changed": "integer"})
TABLE = Table(SHAPE)


@pytest.fixture(scope="module")
def database():
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in (TABLE.create(), *TABLE.indices()):
            connection.execute(statement)
        yield connection


def plan(database, statement):
    return " / ".join(
        record[3] for record in database.execute(f"EXPLAIN QUERY PLAN {statement}", [1] * statement.count("?"))
    )


@pytest.mark.parametrize("among", ["TRUE", "partition IN (?, ?)"])
def test_counting_by_a_field_reads_the_index_only(database, among):
    said = plan(database, TABLE.count(f"{equal({'phase': 'open'})} AND {among}"))
    assert "SEARCH claims USING COVERING INDEX claims_by_phase" in said


def test_what_is_due_is_found_in_order(database):
    said = plan(database, TABLE.select(f"WHERE due_at <= ? AND partition IN ({marks(2)}) ORDER BY due_at, id LIMIT ?"))
    assert "SEARCH claims USING INDEX claims_due (due_at<?)" in said


def test_a_replace_looks_each_row_up_by_its_id(database):
    said = plan(database, TABLE.replace(3))
    assert "SEARCH claims USING INDEX sqlite_autoindex_claims_1 (id=?)" in said
    assert "SCAN claims" not in said


def test_a_frequent_value_is_listed_along_the_sort(database):
    said = plan(database, TABLE.select(f"WHERE {equal({'phase': 1}, by_index=False)} ORDER BY f_changed, id LIMIT ?"))
    assert "SCAN claims USING INDEX claims_by_changed" in said


SPARSE = Table(Shape("tasks", {"left": "integer", "holder": "text"}, frozenset({"left", "holder"})))


def test_the_index_of_a_sparse_field_serves_listings_filters_and_counts():
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in (SPARSE.create(), *SPARSE.indices()):
            connection.execute(statement)
        listed = SPARSE.select(f"WHERE TRUE{SPARSE.there({}, 'left')} ORDER BY f_left, id LIMIT ?")
        assert "SEARCH tasks USING INDEX tasks_by_left" in plan(connection, listed)
        held = f"{equal({'holder': 'kim'})}{SPARSE.there({'holder': 'kim'})}"
        assert "SEARCH tasks USING COVERING INDEX tasks_by_holder" in plan(connection, SPARSE.count(held))
        said = plan(connection, SPARSE.count(f"TRUE{bounded(['left'])}"))
        assert "SEARCH tasks USING COVERING INDEX tasks_by_left" in said


async def test_frequent_and_rare_values_give_the_same_pages(tmp_path):
    store = SqliteStore(tmp_path / "claims.db", SHAPE)
    count = RARE + 100
    phases = ["denied" if number % 100 == 0 else "open" for number in range(count)]
    rows = [
        Row(f"{number:05}", 1, "w", 0, b"", None, {"phase": phase, "changed": -number})
        for number, phase in enumerate(phases)
    ]
    await store.write(rows)
    for phase in ("open", "denied"):
        matching = [each.id for each in reversed(rows) if each.fields["phase"] == phase]
        first = await store.find({"phase": phase}, sort="changed", limit=7)
        second = await store.find({"phase": phase}, sort="changed", limit=7, after=first.next_after)
        assert [each.id for each in (*first.rows, *second.rows)] == matching[:14]
    await store.close()
