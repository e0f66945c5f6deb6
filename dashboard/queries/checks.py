"""Which checks did the data pass in the latest run, and how much was loaded?

Stays out: the checks themselves (the contracts beside the tables).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import data_checks, data_loads


@dataclass(frozen=True)
class Check:
    """A check that did not pass, with what was seen instead and what it asks for; `_coded` as codes and values."""

    table_name: str
    expectation: str
    column_name: str | None
    severity: str
    observed: str | None
    observed_coded: str | None
    meaning: str | None
    meaning_coded: str | None


@dataclass(frozen=True)
class Checks:
    """Checks passed and warned, and the first of those that warned."""

    passed: int
    warned: int
    first_warned: tuple[Check, ...]


@dataclass(frozen=True)
class Loads:
    """What was read from the source files."""

    files: int
    rows_read: int
    rows_rejected: int


@dataclass(frozen=True)
class FileLoad:
    """A source file: how many rows were read from it, and how many of them set aside."""

    table_name: str
    file_name: str
    file_bytes: int | None
    rows_read: int
    rows_rejected: int
    note: str | None
    note_coded: str | None


def checks_of_run(connection: sa.Connection, limit: int) -> Checks:
    """How many checks passed and how many did not, an undecided one among these; at most `limit` of them."""
    table = data_checks.c
    is_passed = sa.func.coalesce(table.is_passed, sa.false())
    counts: dict[bool, int] = {}
    for passed, number in connection.execute(sa.select(is_passed, sa.func.count()).group_by(is_passed)):
        counts[passed] = number
    query = (
        sa.select(*(table[name] for name in Check.__dataclass_fields__))
        .where(sa.not_(is_passed))
        .order_by(table.severity, table.table_name, table.expectation, table.column_name)
        .limit(limit)
    )
    warned = tuple(Check(**row) for row in connection.execute(query).mappings())
    return Checks(counts.get(True, 0), counts.get(False, 0), warned)


def loads_of_run(connection: sa.Connection) -> Loads:
    """Files, rows read and rows set aside."""
    table = data_loads.c
    files, read, rejected = connection.execute(
        sa.select(sa.func.count(), sa.func.sum(table.rows_read), sa.func.sum(table.rows_rejected))
    ).one()
    return Loads(files, int(read or 0), int(rejected or 0))


def files_of_run(connection: sa.Connection, limit: int) -> tuple[FileLoad, ...]:
    """At most `limit` of the source files, by table and name."""
    table = data_loads.c
    kept = [table[name] for name in FileLoad.__dataclass_fields__]
    query = sa.select(*kept).order_by(table.table_name, table.file_name).limit(limit)
    return tuple(FileLoad(**row) for row in connection.execute(query).mappings())
