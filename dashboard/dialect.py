"""How SQLAlchemy speaks to the database of a snapshot: statements are compiled once, and no transaction is begun.

Stays out: opening the database (`dashboard.store`).

The file is open for reading alone and never changes, so that a transaction would protect nothing; to begin one and take
it back costs as much as a short query. Without the cache each query is put together anew, which costs more than that.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from duckdb_engine import Dialect

DRIVER = "duckdb+snapshot"


class SnapshotDialect(Dialect):
    """DuckDB as `duckdb_engine` speaks it, for a database that is only read."""

    supports_statement_cache = True

    def do_begin(self, connection: Any) -> None:
        """Begin nothing: each statement stands for itself."""

    def do_rollback(self, connection: Any) -> None:
        """Take nothing back."""

    def do_commit(self, connection: Any) -> None:
        """Keep nothing: there is nothing new."""


sa.dialects.registry.register(DRIVER.replace("+", "."), __name__, SnapshotDialect.__name__)
