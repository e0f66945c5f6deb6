"""How the database of a snapshot is spoken to."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import CacheStats

from dashboard.store import open_snapshot
from dashboard.tables import segment_summary


@pytest.fixture
def engine(publish, rows) -> sa.Engine:
    return open_snapshot(publish(rows)).engine


def _customers(connection: sa.Connection, bands: list[str], limit: int) -> tuple[list[int], CacheStats]:
    table = segment_summary.c
    query = sa.select(table.customers).where(table.dimension == "risk_band", table.segment.in_(bands))
    result = connection.execute(query.order_by(table.customers.desc()).limit(limit))
    return list(result.scalars()), result.context.cache_hit


def test_a_query_is_compiled_once_and_answers_for_other_values(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert _customers(connection, ["red"], 9) == ([2], CacheStats.CACHE_MISS)
        assert _customers(connection, ["yellow", "red"], 9) == ([2, 1], CacheStats.CACHE_HIT)
        assert _customers(connection, ["red", "yellow", "unknown"], 1) == ([3], CacheStats.CACHE_HIT)
        assert _customers(connection, [], 9) == ([], CacheStats.CACHE_HIT)


def test_a_query_that_fails_leaves_no_transaction_behind(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError):
            connection.execute(sa.text("SELECT nothing"))
        assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1


def test_no_transaction_is_begun(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        first, second = (connection.execute(sa.text("SELECT txid_current()")).scalar_one() for _ in "ab")
    assert first != second
