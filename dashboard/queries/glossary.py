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

    @property
    def name(self) -> str:
        """The column with its table."""
        return f"{self.table_name}.{self.column_name}"

    def mentions(self, text: str) -> bool:
        """Whether the name or the meaning holds a text, in whichever case."""
        return any(text.casefold() in one.casefold() for one in (self.name, self.meaning))


def meanings(connection: sa.Connection, table_name: str) -> dict[str, Meaning]:
    """The meanings by column of a table named with its layer; empty when the glossary lacks it."""
    table = glossary.c
    query = sa.select(table.column_name, table.unit, table.meaning).where(table.table_name == table_name)
    return {row["column_name"]: Meaning(**row) for row in connection.execute(query).mappings()}


def columns_of_results(connection: sa.Connection) -> tuple[Column, ...]:
    """The columns of scores and marts by table and name."""
    table = glossary.c
    query = (
        sa.select(table.table_name, table.column_name, table.unit, table.meaning)
        .where(sa.or_(*(table.table_name.startswith(f"{layer}.") for layer in LAYERS)))
        .order_by(table.table_name + "." + table.column_name)
    )
    return tuple(Column(**row) for row in connection.execute(query).mappings())
