"""What does a column mean?

Stays out: the texts themselves (the contracts beside the tables).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dashboard.tables import glossary

LAYERS = ("scores", "marts")
FEATURES = "features.customer_behaviour"


@dataclass(frozen=True)
class Meaning:
    """A column's term in words."""

    column_name: str
    unit: str | None
    meaning: str


@dataclass(frozen=True)
class Column:
    """A column of a table named with its layer, in words."""

    table_name: str
    column_name: str
    unit: str | None
    meaning: str


def meanings(connection: sa.Connection, table_name: str) -> dict[str, Meaning]:
    """The meanings by column of a table named with its layer; empty when the glossary lacks it."""
    table = glossary.c
    query = sa.select(table.column_name, table.unit, table.meaning).where(table.table_name == table_name)
    return {row["column_name"]: Meaning(**row) for row in connection.execute(query).mappings()}


def columns_in_words(
    connection: sa.Connection, limit: int | None = None, after: str = "", search: str = ""
) -> tuple[Column, ...]:
    """The columns of scores and marts by table and name.

    At most `limit` of those behind `after` (`<table>.<column>`) whose name or meaning holds `search`.
    """
    table = glossary.c
    name = table.table_name + "." + table.column_name
    query = (
        sa.select(table.table_name, table.column_name, table.unit, table.meaning)
        .where(
            sa.or_(*(table.table_name.startswith(f"{layer}.") for layer in LAYERS)),
            name > after,
            sa.or_(name.icontains(search, autoescape=True), table.meaning.icontains(search, autoescape=True)),
        )
        .order_by(name)
        .limit(limit)
    )
    return tuple(Column(**row) for row in connection.execute(query).mappings())
