"""Tables of a snapshot that are made of its customers, filled by the pipeline's own SQL.

Stays out: the customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

_ASSETS = Path(__file__).parent.parent / "assets"
LIST_TABLES = ("segment_codes", "customer_list")


def fill_derived(
    connection: duckdb.DuckDBPyConnection,
    tables: tuple[str, ...],
    parameters: Mapping[str, object] | None = None,
) -> None:
    """Fill tables of the open file snapshot.duckdb, which DuckDB calls `snapshot`, in the order given."""
    connection.execute((_ASSETS / "macros.sql").read_text(encoding="utf-8"))
    for table in tables:
        query = (_ASSETS / "publish" / "snapshot" / f"{table}.sql").read_text(encoding="utf-8")
        named = {name: value for name, value in (parameters or {}).items() if f"${name}" in query}
        connection.execute(f"INSERT INTO snapshot.{table} BY NAME SELECT * FROM ({query})", named)
