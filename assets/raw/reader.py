"""Read one source file into a typed table inside DuckDB, setting aside the lines that break its contract.

Stays out: finding files (`assets.resources.source`), the transaction around all tables (`assets.raw.ingest`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from assets.contracts import Contract
from assets.raw.layout import LONGEST_LINE, Layout, find_layout
from assets.raw.quarantine import Record, Reject, find_records
from assets.raw.violations import Problem, find_violations, incoming, quoted, unconverted
from assets.resources.source import FoundFile, SourceError

_OPEN_QUOTE = "has a quote that is not closed, or text after a closed one"


@dataclass(frozen=True)
class Read:
    """What a file gave: rows found, lines rejected, columns that were ignored."""

    rows: int
    rejects: tuple[Reject, ...]
    ignored: tuple[str, ...]


def read_file(connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile) -> Read:
    """Read a file into the temporary table `incoming_<name>`, without the rows that break the contract.

    Runs outside a transaction: only committed rows have ids that count from the file's first record.

    Raises:
        SourceError: the file does not read as what its name says, or a column is missing.
    """
    layout = find_layout(connection, contract, file)
    if file.is_parquet:
        known = _load_parquet(connection, contract, file, layout)
        violations = find_violations(connection, contract, known)
        rejects = _row_rejects(contract, file, violations)
    else:
        refused = _load_csv(connection, contract, file, layout)
        violations = find_violations(connection, contract, {})
        rejects = _line_rejects(contract, file, refused, violations)
    table = incoming(contract)
    connection.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT unnest(?::BIGINT[]))", [list(violations)])
    (kept,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
    return Read(kept + len(rejects), tuple(rejects), layout.ignored)


def _load_csv(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile, layout: Layout
) -> dict[int, Problem]:
    """Fill the incoming table; return the problem of each record that the reader refused, by its number.

    The header is number 1; a record counts once however many lines it spans, and so does a blank line.
    """
    columns = ", ".join(f"'{quoted(name)}': '{type_}'" for name, type_ in layout.file_columns)
    connection.execute("DROP TABLE IF EXISTS csv_rejects")
    connection.execute("DROP TABLE IF EXISTS csv_scans")
    try:
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE {incoming(contract)} AS
            SELECT {layout.select} FROM read_csv(
                '{quoted(str(file.path))}', columns = {{{columns}}},
                auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
                max_line_size = {LONGEST_LINE}, store_rejects = true, rejects_limit = 0,
                rejects_table = 'csv_rejects', rejects_scan = 'csv_scans'
            )
            """
        )
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise SourceError(
            f"{file.path} does not read as CSV: mixed line ends or damaged quotes ({reason}). Mend the file"
        ) from error
    refused = connection.execute(
        """
        SELECT line, column_name, error_type::VARCHAR AS kind, error_message FROM csv_rejects
        QUALIFY row_number() OVER (
            PARTITION BY line ORDER BY kind <> 'UNQUOTED VALUE', kind NOT LIKE '%COLUMNS', column_idx
        ) = 1
        ORDER BY line
        """
    ).fetchall()
    types = dict(layout.file_columns)
    return {record: _refusal(column, kind, message, types) for record, column, kind, message in refused}


def _refusal(column: str | None, kind: str, message: str, types: dict[str, str]) -> Problem:
    if kind == "CAST" and column is not None:
        return Problem(column, None, f"is not a valid {types[column]}")
    if kind in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
        expected, found = message.removeprefix("Expected Number of Columns: ").split(" Found: ")
        return Problem(None, None, f"has {found} fields instead of {expected}")
    if kind == "UNQUOTED VALUE":
        return Problem(None, None, _OPEN_QUOTE, spans_lines=True)
    if kind == "INVALID ENCODING":
        return Problem(column, None, "is not UTF-8")
    return Problem(None, None, message.splitlines()[0])


def _load_parquet(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile, layout: Layout
) -> dict[int, Problem]:
    """Fill the incoming table; return the problem of each row whose value does not convert."""
    casts = ", ".join(f'TRY_CAST("{name}" AS {type_}) AS "{name}"' for name, type_ in layout.file_columns)
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {incoming(contract)} AS SELECT {layout.select} FROM "
            f"(SELECT {casts} FROM read_parquet('{quoted(str(file.path))}'))"
        )
        return unconverted(connection, file, layout)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise SourceError(
            f"{file.path} is a damaged Parquet file ({reason}). Replace it with the complete file"
        ) from error


def _row_rejects(contract: Contract, file: FoundFile, problems: dict[int, Problem]) -> list[Reject]:
    """The rejects of a Parquet file; their line is the row (1 is the first)."""
    name = file.path.name
    return [
        Reject(contract.name, name, row + 1, p.column, p.value, p.reason, p.content)
        for row, p in problems.items()
    ]


def _line_rejects(
    contract: Contract, file: FoundFile, refused: dict[int, Problem], violations: dict[int, Problem]
) -> list[Reject]:
    """The rejects of a CSV file with the line that each starts on."""
    table, name = contract.name, file.path.name
    rejects: list[Reject] = []
    for record in find_records(file.path, refused, violations):
        problem = refused[record.number] if record.row is None else violations[record.row]
        if problem.spans_lines:
            rejects.extend(_swallowed(contract, file, record, problem))
            continue
        column = problem.column
        value = record.fields.get(column, problem.value) if column else None
        rejects.append(Reject(table, name, record.line, column, value, problem.reason, record.content))
    return rejects


def _swallowed(contract: Contract, file: FoundFile, record: Record, problem: Problem) -> Iterator[Reject]:
    """One reject for each line that an unclosed quote swallowed: one record may be half the file."""
    for offset, text in enumerate(record.lines):
        inside = f"is swallowed by the unclosed quote of line {record.line}"
        reason = inside if offset else problem.reason
        if text:
            yield Reject(contract.name, file.path.name, record.line + offset, None, None, reason, text)
