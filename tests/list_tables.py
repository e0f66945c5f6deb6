"""The tables that the list of customers is read from, made of the customers by the pipeline's own SQL.

Stays out: the customers.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

_QUERIES = Path(__file__).parent.parent / "assets" / "publish" / "snapshot"


def fill_list_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `segment_codes` and `customer_list` of the open file snapshot.duckdb, which DuckDB calls `snapshot`."""
    for table in ("segment_codes", "customer_list"):
        query = (_QUERIES / f"{table}.sql").read_text(encoding="utf-8")
        connection.execute(f"INSERT INTO snapshot.{table} BY NAME SELECT * FROM ({query})")
