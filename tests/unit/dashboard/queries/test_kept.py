"""A snapshot never changes, so that what does not depend on a customer or a filter is asked of it once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest
import sqlalchemy as sa

from dashboard import snapshot
from dashboard.queries.profile import profile
from dashboard.store import Snapshot, open_snapshot


@contextmanager
def _asked(engine: sa.Engine) -> Iterator[list[tuple[str, object]]]:
    """The statements of a block with their parameters."""
    statements: list[tuple[str, object]] = []

    def listen(*event: object) -> None:
        statements.append((str(event[2]), event[3]))

    sa.event.listen(engine, "before_cursor_execute", listen)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", listen)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("/", "/"),
        ("/api/v1/summary", "/"),
        ("/segments", "/segments?rows=age_band&columns=value_tier"),
        ("/actions", "/actions?action=Nurture"),
        ("/alerts", "/alerts?status=seen"),
        ("/models", "/models?q=cltv"),
    ],
)
def test_a_second_look_at_a_page_asks_nothing(client, publish, model_rows, first: str, again: str) -> None:
    publish(model_rows)
    assert client.get(first).status_code == 200
    client.get(again.partition("?")[0])
    with _asked(client.app.state.store.current().engine) as statements:
        answer = client.get(again)
    assert (answer.status_code, statements) == (200, [])


def test_another_publication_is_asked_anew(client, publish, rows) -> None:
    publish(rows)
    assert 'data-value="4"' in client.get("/").text
    rows["cltv_trend"][1]["customers"] = 1234
    publish(rows, "2018-08-bbbbbbbbbbbb")
    assert 'data-value="1,234"' in client.get("/").text


@pytest.fixture
def crowd(publish, rows) -> Iterator[Snapshot]:
    """Three thousand customers with a purchase each, and the indexes that a publication makes."""
    folder = publish(rows)
    with duckdb.connect(str(folder / snapshot.DATABASE)) as connection:
        ids = "SELECT 'c' || range FROM range(3000)"
        connection.execute(f"INSERT INTO customers (customer_unique_id) {ids}")
        connection.execute(
            f"INSERT INTO customer_history (snapshot_month, customer_unique_id) SELECT '2018-08', * FROM ({ids})"
        )
        connection.execute(
            "INSERT INTO purchases (customer_unique_id, order_id, purchased_at, value_brl, price_brl, freight_brl)"
            f" SELECT *, 'o', TIMESTAMP '2018-08-01 12:00:00', 3, 2, 1 FROM ({ids})"
        )
        for table in ("customers", "customer_history", "purchases"):
            connection.execute(f"CREATE INDEX {table}_id ON {table} (customer_unique_id)")
    found = open_snapshot(folder)
    yield found
    found.engine.dispose()


def test_another_customer_takes_three_queries_and_each_uses_the_index(crowd: Snapshot) -> None:
    assert profile(crowd, "c1")
    with _asked(crowd.engine) as statements:
        assert profile(crowd, "c2")
    tables = [text.split("FROM")[1].split()[0] for text, _ in statements]
    assert tables == ["customers", "customer_history", "purchases"]
    with crowd.engine.connect() as connection:
        for text, values in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN ANALYZE {text}", values).all()[0][1]
            assert ("Index Scan" in plan, "Sequential Scan" in plan) == (True, False)
