"""Read one source file into a typed table inside DuckDB, setting aside the lines that break its contract.

Stays out: finding files (`assets.resources.source`) and the transaction around all tables (`assets.raw.ingest`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from assets.contracts import Column, Contract
from assets.raw.layout import Layout, find_layout
from assets.raw.quarantine import Reject, kept_records, record_lines
from assets.resources.source import FoundFile, SourceError

_LONGEST_LINE = 1 << 24


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
    load = _load_parquet if file.is_parquet else _load_csv
    refused = load(connection, contract, file, layout)
    violations = _violations(connection, contract, file, layout)
    rejects = _with_lines(contract, file, refused, violations)
    table = incoming(contract)
    connection.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT unnest(?::BIGINT[]))", [list(violations)])
    (kept,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
    return Read(kept + len(refused) + len(violations), tuple(rejects), layout.ignored)


def incoming(contract: Contract) -> str:
    """The temporary table that holds a file's rows until all files are read."""
    return f"incoming_{contract.name}"


@dataclass(frozen=True)
class _Problem:
    column: str | None
    value: str | None
    reason: str
    content: str = ""


def _load_csv(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile, layout: Layout
) -> dict[int, _Problem]:
    """Fill the incoming table; return the problem of each record that the reader refused, by its number (header is 1)."""
    columns = ", ".join(f"'{_quoted(name)}': '{type_}'" for name, type_ in layout.file_columns)
    try:
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE {incoming(contract)} AS
            SELECT {layout.select} FROM read_csv(
                '{_quoted(str(file.path))}', columns = {{{columns}}},
                auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', max_line_size = {_LONGEST_LINE},
                store_rejects = true, rejects_limit = 0, rejects_table = 'csv_rejects', rejects_scan = 'csv_scans'
            )
            """
        )
    except duckdb.Error as error:
        raise SourceError(
            f"{file.path} does not read as CSV ({str(error).splitlines()[0]}). Replace it"
        ) from error
    refused = connection.execute(
        """
        SELECT line, arg_min(column_name, place), arg_min(error_type::VARCHAR, place), arg_min(error_message, place)
        FROM (SELECT *, if(error_type::VARCHAR LIKE '%COLUMNS', 0, column_idx) AS place FROM csv_rejects)
        GROUP BY line ORDER BY line
        """
    ).fetchall()
    connection.execute("DROP TABLE csv_rejects")
    connection.execute("DROP TABLE csv_scans")
    types = dict(layout.file_columns)
    return {record: _refusal(column, kind, message, types) for record, column, kind, message in refused}


def _refusal(column: str | None, kind: str, message: str, types: dict[str, str]) -> _Problem:
    if kind == "CAST" and column is not None:
        return _Problem(column, None, f"is not a valid {types[column]}")
    if kind in ("MISSING COLUMNS", "TOO MANY COLUMNS"):
        expected, found = message.removeprefix("Expected Number of Columns: ").split(" Found: ")
        return _Problem(None, None, f"has {found} fields instead of {expected}")
    return _Problem(column, None, message.splitlines()[0])


def _load_parquet(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile, layout: Layout
) -> dict[int, _Problem]:
    """Fill the incoming table; values that do not convert become null here and violations later."""
    casts = ", ".join(f'TRY_CAST("{name}" AS {type_}) AS "{name}"' for name, type_ in layout.file_columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {incoming(contract)} AS SELECT {layout.select} FROM "
        f"(SELECT {casts} FROM read_parquet('{_quoted(str(file.path))}'))"
    )
    return {}


def _violations(
    connection: duckdb.DuckDBPyConnection, contract: Contract, file: FoundFile, layout: Layout
) -> dict[int, _Problem]:
    """The first problem of each row that breaks the contract, by the row's id (0 is the first row kept)."""
    problems = _unconverted(connection, file, layout) if file.is_parquet else {}
    conditions = [
        condition for name, column in contract.columns.items() for condition in _conditions(name, column)
    ]
    if contract.key:
        conditions.append(_repeats(contract))
    names = ", ".join(f'"{name}": "{name}"::VARCHAR' for name in contract.columns)
    cases = " ".join(f"WHEN {sql} THEN {number}" for number, (_, sql, _) in enumerate(conditions))
    found = connection.execute(
        f"SELECT rowid, problem, {{{names}}} FROM (SELECT *, rowid, CASE {cases} END AS problem FROM {incoming(contract)}) "
        "WHERE problem IS NOT NULL ORDER BY rowid"
    ).fetchall()
    for row, number, values in found:
        column, _, reason = conditions[number]
        problems.setdefault(row, _Problem(column, values[column], reason, str(values)))
    return dict(sorted(problems.items()))


def _unconverted(
    connection: duckdb.DuckDBPyConnection, file: FoundFile, layout: Layout
) -> dict[int, _Problem]:
    problems: dict[int, _Problem] = {}
    for name, type_ in layout.file_columns:
        rows = connection.execute(
            f"""
            SELECT file_row_number, "{name}"::VARCHAR, rows::VARCHAR
            FROM read_parquet('{_quoted(str(file.path))}', file_row_number = true) AS rows
            WHERE "{name}" IS NOT NULL AND TRY_CAST("{name}" AS {type_}) IS NULL
            """
        ).fetchall()
        for row, value, content in rows:
            problems.setdefault(row, _Problem(name, value, f"is not a valid {type_}", content))
    return problems


def _conditions(name: str, column: Column) -> Iterator[tuple[str, str, str]]:
    """(column, SQL that is true for a bad value, what to say of it)."""
    if not column.nullable:
        yield name, f'"{name}" IS NULL', "is missing"
    if column.values is not None:
        allowed = ", ".join(f"'{_quoted(value)}'" for value in column.values)
        yield name, f'"{name}" NOT IN ({allowed})', f"is not one of {', '.join(column.values)}"
    if column.min is not None:
        yield name, f'"{name}" < {column.min}', f"is below {column.min:g}"
    if column.max is not None:
        yield name, f'"{name}" > {column.max}', f"is above {column.max:g}"
    if column.pattern is not None:
        yield (
            name,
            f"NOT regexp_matches(\"{name}\", '{_quoted(column.pattern)}')",
            f"does not match {column.pattern}",
        )


def _repeats(contract: Contract) -> tuple[str, str, str]:
    key = ", ".join(f'"{name}"' for name in contract.key)
    sql = (
        f"rowid IN (SELECT rowid FROM {incoming(contract)} "
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY rowid) > 1)"
    )
    return contract.key[0], sql, f"repeats the key ({', '.join(contract.key)}) of an earlier line"


def _with_lines(
    contract: Contract, file: FoundFile, refused: dict[int, _Problem], violations: dict[int, _Problem]
) -> list[Reject]:
    """The rejects of a file with the line each starts on; of a Parquet file, the row (1 is the first)."""
    name = file.path.name
    if file.is_parquet:
        return [
            Reject(contract.name, name, row + 1, p.column, p.value, p.reason, p.content)
            for row, p in violations.items()
        ]
    by_record = {
        **refused,
        **dict(zip(kept_records(list(violations), list(refused)), violations.values(), strict=True)),
    }
    rejects = []
    for record in record_lines(file.path, set(by_record)):
        problem = by_record[record.number]
        value = problem.value if problem.value is not None else record.field(problem.column)
        rejects.append(
            Reject(contract.name, name, record.line, problem.column, value, problem.reason, record.content)
        )
    return rejects


def _quoted(text: str) -> str:
    return text.replace("'", "''")
