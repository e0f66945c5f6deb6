"""Check tables of the warehouse against their contracts.

Stays out: what is gathered (`assets.statistics`), how it is decided (`assets.expectations`), and Dagster
(`orchestration.checks` turns results into blocking asset checks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb

from assets.contracts import Contract
from assets.expectations import Result
from assets.resources.warehouse import transaction
from assets.statistics import count_violations, find_witnesses, table_facts
from assets.validator import validator
from dashboard.snapshot import TABLES

_RESULT_COLUMNS = TABLES["data_checks"]


def check_table(
    connection: duckdb.DuckDBPyConnection, contract: Contract, parameters: Mapping[str, Any]
) -> list[Result]:
    """Check a table: all its rows, or of a monthly table the rows of `$months`.

    Where the columns are not the contract's, nothing else can be said, and nothing else is. Violations are counted
    while the validator decides on the columns.

    Args:
        connection: to the warehouse.
        contract: what must hold.
        parameters: what facts bind; `months` and `as_of_dates` for a monthly table.
    """
    names = [name for (name, *_) in connection.execute(f"DESCRIBE {contract.table}").fetchall()]
    if names != list(contract.columns):
        found: list[Result] = validator().ask("decide_names", contract, names)
        return found
    witnesses = find_witnesses(connection, contract, parameters)
    with ThreadPoolExecutor(1) as beside:
        deciding = beside.submit(validator().ask, "decide_columns", contract, witnesses)
        violations = count_violations(connection, table_facts(contract), parameters)
        columns: list[Result] = deciding.result()
    facts: list[Result] = validator().ask("decide_facts", contract, violations)
    return columns + facts


def prepare_results(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table of results; one of an older version goes, and every table's next check fills it again."""
    found = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'publish' AND table_name = 'data_checks' "
        "ORDER BY column_index"
    ).fetchall()
    if [name for (name,) in found] != list(_RESULT_COLUMNS):
        columns = ", ".join(f"{name} {kind}" for name, kind in _RESULT_COLUMNS.items())
        connection.execute(f"CREATE OR REPLACE TABLE publish.data_checks ({columns})")


def keep_results(
    connection: duckdb.DuckDBPyConnection, contract: Contract, results: Sequence[Result]
) -> None:
    """Replace the table's rows in `publish.data_checks` by the results of its latest check."""
    prepare_results(connection)
    with transaction(connection):
        connection.execute("DELETE FROM publish.data_checks WHERE table_name = ?", [contract.table])
        connection.executemany(
            f"INSERT INTO publish.data_checks VALUES ({', '.join('?' for _ in _RESULT_COLUMNS)})",
            [_result_row(contract, result) for result in results],
        )


def _result_row(contract: Contract, result: Result) -> list[Any]:
    return [
        contract.table,
        result.expectation,
        result.column,
        result.severity,
        result.passed,
        result.observed,
        result.observed_coded,
        result.meaning,
        result.meaning_coded,
    ]
