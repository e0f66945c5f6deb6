"""What tests of the tables share: a warehouse in memory, and rows put into its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest

from assets.catalog import catalog
from assets.resources.warehouse import ensure_table, prepare

Rows = Sequence[Mapping[str, Any]]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse in memory, with layers and formulas."""
    with duckdb.connect() as opened:
        prepare(opened)
        yield opened


@pytest.fixture
def put(connection: duckdb.DuckDBPyConnection) -> Callable[[str, Rows], None]:
    """Add rows to a table, made as its contract says; columns that a row leaves out are null."""

    def add(table: str, rows: Rows) -> None:
        contract = catalog()[table].contract
        ensure_table(connection, contract)
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))

    return add
