"""What is read of a snapshot before the first reader asks."""

from __future__ import annotations

import logging

import duckdb
import pytest
import sqlalchemy as sa

from dashboard import snapshot
from dashboard.queries import read_ahead as module
from dashboard.queries.read_ahead import read_ahead
from dashboard.store import SnapshotStore, open_snapshot
from dashboard.tables import customers


@pytest.mark.parametrize(
    ("row_group", "most", "read"),
    [(10, 200, [1, 6, 11, 16, 21]), (10, 3, [1, 10, 19]), (122_880, 200, [1])],
)
def test_a_customer_of_each_row_group_of_the_history_is_read_from_each_table(
    shop, monkeypatch, row_group: int, most: int, read: list[int]
) -> None:
    """Of 25 customers with two months each; no more than are asked for of a large shop."""
    monkeypatch.setattr(module, "ROW_GROUP", row_group)
    monkeypatch.setattr(module, "MOST_CUSTOMERS", most)
    opened, asked = shop(25), []
    with opened.engine.connect() as connection:
        ids = connection.scalars(
            sa.select(customers.c.customer_unique_id).order_by(customers.c.position)
        ).all()

    sa.event.listen(opened.engine, "before_cursor_execute", lambda *event: asked.append(event[2:4]))
    read_ahead(opened)

    for table in ("customers", "customer_history", "purchases"):
        found = [
            values for text, values in asked if f"FROM {table} \nWHERE {table}.customer_unique_id" in text
        ]
        assert [one for values in found for one in values] == [ids[place - 1] for place in read]


def test_a_shop_without_customers_is_opened(publish, rows) -> None:
    read_ahead(open_snapshot(publish(rows)))


def test_a_snapshot_that_cannot_be_read_ahead_is_opened_and_the_log_says_so(
    published, publish, rows, caplog
) -> None:
    folder = publish(rows)
    with duckdb.connect(str(folder / snapshot.DATABASE)) as connection:
        connection.execute("DROP TABLE customers")
    store = SnapshotStore(published)
    store.prepare_with(read_ahead)
    with caplog.at_level(logging.WARNING):
        opened = store.current()
    assert opened.manifest.snapshot_id == "2018-08-aaaaaaaaaaaa"
    assert "2018-08-aaaaaaaaaaaa could not be read ahead" in caplog.text
