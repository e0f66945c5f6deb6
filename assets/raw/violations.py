"""Rows that were read and break their contract: missing or wrong values, repeated keys.

Stays out: lines that the reader itself refuses (`assets.raw.reader`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from assets.contracts import Column, Contract
from assets.raw.layout import Layout
from assets.resources.source import FoundFile


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: the column (None for the whole line), its value if known, and the reason.

    `content` is the row in words where the file has no lines; `spans_lines` says that a quote swallowed more.
    """

    column: str | None
    value: str | None
    reason: str
    content: str = ""
    spans_lines: bool = False


def incoming(contract: Contract) -> str:
    """The temporary table that holds a file's rows until all files are read."""
    return f"incoming_{contract.name}"


def quoted(text: str) -> str:
    """A text as it stands between the quotes of an SQL string."""
    return text.replace("'", "''")


def unconverted(connection: duckdb.DuckDBPyConnection, file: FoundFile, layout: Layout) -> dict[int, Problem]:
    """The first value of each row of a Parquet file that does not convert, by the row (0 is the first)."""
    problems: dict[int, Problem] = {}
    for name, type_ in layout.file_columns:
        rows = connection.execute(
            f"""
            SELECT file_row_number, "{name}"::VARCHAR, rows::VARCHAR
            FROM read_parquet('{quoted(str(file.path))}', file_row_number = true) AS rows
            WHERE "{name}" IS NOT NULL AND TRY_CAST("{name}" AS {type_}) IS NULL
            """
        ).fetchall()
        for row, value, content in rows:
            problems.setdefault(row, Problem(name, value, f"is not a valid {type_}", content))
    return problems


def find_violations(
    connection: duckdb.DuckDBPyConnection, contract: Contract, known: dict[int, Problem]
) -> dict[int, Problem]:
    """The first problem of each row of the incoming table, by its id (from 0), with those known already.

    Of rows with the same key the first one without another problem is kept.
    """
    conditions = [
        condition for name, column in contract.columns.items() for condition in _conditions(name, column)
    ]
    cases = " ".join(f"WHEN {sql} THEN {number}" for number, (_, sql, _) in enumerate(conditions))
    names = ", ".join(f'"{name}": "{name}"::VARCHAR' for name in contract.columns)
    found = connection.execute(
        f"""
        WITH
        known AS (SELECT unnest(?::BIGINT[]) AS row),
        judged AS (
            SELECT *, rowid AS row, {f"CASE {cases} END" if cases else "NULL"} AS problem
            FROM {incoming(contract)} WHERE rowid NOT IN (FROM known)
        ),
        repeated AS ({_repeated(contract)})
        SELECT row, problem, {{{names}}} FROM judged
        WHERE problem IS NOT NULL OR row IN (FROM repeated)
        """,
        [list(known)],
    ).fetchall()
    problems = dict(known)
    for row, number, values in found:
        column, _, reason = _repeat(contract) if number is None else conditions[number]
        problems[row] = Problem(column, values[column], reason, str(values))
    return dict(sorted(problems.items()))


def _conditions(name: str, column: Column) -> Iterator[tuple[str, str, str]]:
    """(column, SQL that is true for a bad value, what to say of it)."""
    if not column.nullable:
        yield name, f'"{name}" IS NULL', "is missing"
    if column.values is not None:
        allowed = ", ".join(f"'{quoted(value)}'" for value in column.values)
        yield name, f'"{name}" NOT IN ({allowed})', f"is not one of {', '.join(column.values)}"
    if column.min is not None:
        yield name, f'"{name}" < {column.min}', f"is below {column.min:g}"
    if column.max is not None:
        yield name, f'"{name}" > {column.max}', f"is above {column.max:g}"
    if column.pattern is not None:
        sql = f"NOT regexp_matches(\"{name}\", '{quoted(column.pattern)}')"
        yield name, sql, f"does not match {column.pattern}"


def _repeated(contract: Contract) -> str:
    """The rows whose key an earlier good row has."""
    if not contract.key:
        return "SELECT row FROM judged WHERE false"
    key = ", ".join(f'"{name}"' for name in contract.key)
    return f"""
        SELECT row FROM judged WHERE problem IS NULL
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY row) > 1
    """


def _repeat(contract: Contract) -> tuple[str, str, str]:
    return (
        contract.key[0],
        _repeated(contract),
        f"repeats the key ({', '.join(contract.key)}) of an earlier line",
    )
