"""What the Python of a table is given and what it gives back.

Stays out: Dagster. The same `build(work)` runs in a test with a connection and a dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from assets.contracts import Contract
from assets.resources.warehouse import bind, replace_rows

if TYPE_CHECKING:
    from assets.resources.tracking import Tracking


@dataclass(frozen=True)
class RunFacts:
    """What every record of a run says of it."""

    dagster_run_id: str
    code_version: str
    fingerprint: str
    is_simulated: bool
    demographics: str
    origin: str


@dataclass(frozen=True)
class Built:
    """What was made: rows written, figures (PNG) and plain facts to show beside the table."""

    rows: int
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    figures: Mapping[str, bytes] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """One table's work for one month: the warehouse, the table's contract, the parameters, the model tracking."""

    connection: duckdb.DuckDBPyConnection
    contract: Contract
    parameters: Mapping[str, Any]
    run: RunFacts
    tracking: Tracking

    @property
    def month(self) -> str:
        """The snapshot month, `YYYY-MM`."""
        return str(self.parameters["snapshot_month"])

    def query(self, sql: str, **more: Any) -> pd.DataFrame:
        """The rows of a query as a frame; parameters are bound by name."""
        return self.connection.execute(sql, bind(sql, {**self.parameters, **more})).df()

    def replace(self, select: str | pd.DataFrame, **more: Any) -> int:
        """Replace the table's rows of the month by a query's or a frame's."""
        return replace_rows(self.connection, self.contract, select, {**self.parameters, **more})


def read_run_facts(connection: duckdb.DuckDBPyConnection, dagster_run_id: str, code_version: str) -> RunFacts:
    """The facts of a run over the data in the warehouse."""
    row = connection.execute(
        "SELECT fingerprint, is_simulated, demographics, origin FROM raw.data_source"
    ).fetchone()
    if row is None:
        raise LookupError("raw.data_source is empty: ingest the raw tables first")
    return RunFacts(dagster_run_id, code_version, *row)
